"""`keras.preprocessing.sequence`."""

from lamina.data.sequences import pad_sequences

__all__ = ["pad_sequences"]
