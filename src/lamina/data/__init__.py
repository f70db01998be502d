"""From what users call data to tables on the device."""
