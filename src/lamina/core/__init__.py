"""What everything stands on: variables, frames, state, graphs, configs and errors."""
