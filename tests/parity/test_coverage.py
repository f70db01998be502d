"""The page that tells what lamina has of Keras is up to date, and counts what it says it counts."""

import pytest

from tests.parity.coverage import MODULES, PAGE, cover, current

pytest.importorskip("keras")


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == current(), "run: python -m tests.parity.coverage"


@pytest.mark.parametrize("module", ["activations", "initializers", "regularizers", "constraints", "random"])
def test_whole_modules_are_compared(module):
    found = cover(module)
    assert found.missing == []
    assert found.compared


def test_names_are_sorted_into_one_list_each():
    for module in MODULES:
        parts = cover(module)[1:]
        names = [name for part in parts for name in part]
        assert len(names) == len(set(names)) > 0, module
