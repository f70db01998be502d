"""Boston housing: prices of 506 neighbourhoods in the 1970s.

One of its columns ("B") is built on the race of the inhabitants. It is here for courses and old code; for anything
else take `california_housing`.
"""

from functools import partial

import numpy as np

from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_npz
from lamina.datasets._files import DataFile
from lamina.datasets._splits import check_test_split, shuffled, split

_FILE = DataFile("boston_housing.npz", "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5")
_FORMS = {"x": Form(np.floating, (506, 13)), "y": Form(np.floating, (506,))}


@public
def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int | None = 113) -> Splits:
    """Loads the prices, shuffled.

    Args:
        path: name of the file in the cache folder.
        test_split: fraction of the rows for testing, in `[0, 1)`.
        seed: of the shuffle before the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: features float64 `(404, 13)` and `(102, 13)`, and median values of
        homes, float64, in thousands of dollars.

    Raises:
        ArgumentError: if `test_split` is outside `[0, 1)`.
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (404, 13)

    Reference:
        D. Harrison and D. L. Rubinfeld, Hedonic housing prices and the demand for clean air, 1978.
    """
    check_test_split(test_split)
    arrays = _FILE.load(partial(read_npz, forms=_FORMS), path)
    return split(*shuffled(np.random.RandomState(seed), arrays["x"], arrays["y"]), test_split)
