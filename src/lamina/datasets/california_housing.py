"""California housing: prices of 20,640 districts in the census of 1990."""

from functools import partial

import numpy as np

from lamina.core.errors import ArgumentError, suggestion
from lamina.core.tracebacks import public
from lamina.datasets._arrays import Form, Splits, read_npz
from lamina.datasets._files import DataFile
from lamina.datasets._splits import check_test_split, shuffled, split

_FILE = DataFile("california_housing.npz", "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f")
_FORMS = {"x": Form(np.floating, (20640, 8)), "y": Form(np.floating, (20640,))}
_ROWS = {"small": 600, "large": 20640}


@public
def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int | None = 113,
) -> Splits:
    """Loads the prices, shuffled.

    Args:
        version: `"large"` for all districts, `"small"` for the first 600.
        path: name of the file in the cache folder.
        test_split: fraction of the rows for testing, in `[0, 1)`.
        seed: of the shuffle before the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: features float32 `(16512, 8)` and `(4128, 8)`, and median values of
        houses, float32, in dollars.

    Raises:
        ArgumentError: if `version` is another one or `test_split` is outside `[0, 1)`.
        DownloadError: if the file is not in the cache and cannot be fetched.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(version="small")  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (480, 8)

    Reference:
        R. K. Pace and R. Barry, Sparse spatial autoregressions, 1997.
    """
    if version not in _ROWS:
        raise ArgumentError(
            f"version must be 'small' or 'large'. Received: version={version!r}", hint=suggestion(version, _ROWS)
        )
    check_test_split(test_split)
    arrays = _FILE.load(partial(read_npz, forms=_FORMS), path)
    x, y = arrays["x"][: _ROWS[version]], arrays["y"][: _ROWS[version]]
    return split(*shuffled(np.random.RandomState(seed), x, y), test_split)
