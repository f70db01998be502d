"""`keras.preprocessing.image`."""

from lamina.data.images import array_to_img, img_to_array, load_img, save_img
from lamina.data.resizing import smart_resize

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]
