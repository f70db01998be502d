"""Fashion-MNIST: 70,000 pictures of clothes, in the form of MNIST."""

from functools import partial

import numpy as np

from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_idx
from lamina.datasets._files import DataFile

class_names = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_FOLDER = "datasets/fashion-mnist"
_FILES = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
_SHAPES = ((60000, 28, 28), (60000,), (10000, 28, 28), (10000,))


@public
def load_data() -> Splits:
    """Loads the pictures. The words for the labels are in `class_names`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 `(60000, 28, 28)` and `(10000, 28, 28)`, from 0 to 255,
        and labels uint8, 0 to 9.

    Raises:
        DownloadError: if a file is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> class_names[y_train[0]]  # doctest: +SKIP
        'Ankle boot'

    Reference:
        H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning
        algorithms, 2017.
    """
    x_train, y_train, x_test, y_test = [
        DataFile(name, sha256, folder=_FOLDER).load(partial(read_idx, form=Form(np.uint8, shape)))
        for (name, sha256), shape in zip(_FILES.items(), _SHAPES, strict=True)
    ]
    return (x_train, y_train), (x_test, y_test)
