"""`keras.utils.np_utils`: where older versions of Keras had `to_categorical`."""

from lamina.utils.labels import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
