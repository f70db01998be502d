"""MNIST: 70,000 handwritten digits."""

from functools import partial

import numpy as np

from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_npz
from lamina.datasets._files import DataFile

class_names = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")

_FILE = DataFile("mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1")
_FORMS = {
    "x_train": Form(np.uint8, (60000, 28, 28)),
    "y_train": Form(np.uint8, (60000,)),
    "x_test": Form(np.uint8, (10000, 28, 28)),
    "y_test": Form(np.uint8, (10000,)),
}


@public
def load_data(path: str = "mnist.npz") -> Splits:
    """Loads the digits.

    Args:
        path: name of the file in the cache folder.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 `(60000, 28, 28)` and `(10000, 28, 28)`, from 0 (paper)
        to 255 (ink), and labels uint8, 0 to 9.

    Raises:
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (60000, 28, 28)

    Reference:
        Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, 1998.
    """
    arrays = _FILE.load(partial(read_npz, forms=_FORMS), path)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
