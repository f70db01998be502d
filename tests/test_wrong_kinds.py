"""Values of a wrong kind get lamina's own errors, whichever function they are given to."""

import contextlib
import importlib
import inspect

import numpy as np
import pytest

from lamina.core.errors import LaminaError

WRONG = (None, 3, [], object())


def first_arguments(module):
    """The functions and classes of a module that take an argument, and plain values for those that they also need."""
    for name in sorted(module.__all__):
        item = getattr(module, name)
        parameters = [p for p in inspect.signature(item).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        if parameters:
            needed = [p.name for p in parameters[1:] if p.default is p.empty]
            yield item, parameters[0].name, {one: "words" if one == "name" else np.ones((4, 3)) for one in needed}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", ["callbacks", "plots", "reporting", "saving", "summary", "tensorboard"])
def test_no_function_lets_a_wrong_first_argument_pass_to_python(family, tmp_path, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(tmp_path)
    for item, first, needed in first_arguments(importlib.import_module(f"lamina.{family}")):
        for wrong in WRONG:
            with contextlib.suppress(LaminaError):
                item(**{first: wrong}, **needed)
    pyplot.close("all")
