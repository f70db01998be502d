"""Checks of arguments that many classes share."""

from pathlib import Path

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.validate import file_path, one_of


def test_a_path_is_a_string_or_a_path():
    assert file_path("load_model", "filepath", Path("nets", "a.keras")) == str(Path("nets", "a.keras"))
    with pytest.raises(ArgumentTypeError, match=r"load_model: filepath must be a path.* Received: filepath=None"):
        file_path("load_model", "filepath", None)


@pytest.mark.parametrize("value", [[], np.zeros(2)])
def test_a_value_that_cannot_be_looked_up_is_no_choice(value):
    with pytest.raises(ArgumentError, match="mode must be one of 'min', 'max'"):
        one_of("EarlyStopping", "mode", value, ("min", "max"))
