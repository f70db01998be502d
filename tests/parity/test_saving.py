"""Files travel between lamina and Keras, in a process of its own, in both directions, and training goes on alike.

A few architectures are compared every day; all of them with LAMINA_ALL_ARCHITECTURES=1, in some minutes.
Tolerances: none for variables, 1e-6 for what is predicted, 1e-5 relative for losses of three more steps.
"""

import importlib.util
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import lamina

pytest.importorskip("keras")
SCRIPT = Path(__file__).with_name("saving_exchange.py")
_spec = importlib.util.spec_from_file_location("saving_exchange", SCRIPT)
exchange = importlib.util.module_from_spec(_spec)
sys.modules["saving_exchange"] = exchange
_spec.loader.exec_module(exchange)
table = sys.modules["saving_architectures"]
NAMES = list(table.ARCHITECTURES) if os.environ.get("LAMINA_ALL_ARCHITECTURES") else table.FEW


@pytest.fixture(scope="module")
def travels(tmp_path_factory):
    """What each model did: when lamina saved it, where Keras loaded it, when Keras saved it, where lamina loaded it."""
    folder = tmp_path_factory.mktemp("travels")
    (folder / "lamina").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        saved = {name: exchange.tried(exchange.depart, lamina, name, folder / "lamina")[1] for name in NAMES}
        command = [sys.executable, str(SCRIPT), str(folder), *NAMES]
        subprocess.run(command, check=True, capture_output=True, text=True)
        answers = pickle.loads((folder / exchange.ANSWER).read_bytes())
        back = {name: exchange.tried(exchange.arrive, lamina, name, folder / "keras")[1] for name in NAMES}
    return {name: (saved[name], *(exchange.Seen(*seen) for seen in answers[name]), back[name]) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_keras_goes_on_with_files_of_lamina(travels, name):
    compare(name, *travels[name][:2])


@pytest.mark.parametrize("name", NAMES)
def test_lamina_goes_on_with_files_of_keras(travels, name):
    compare(name, *travels[name][2:])


def compare(name, saved, loaded):
    assert not saved.fault, saved.fault
    assert not loaded.fault, loaded.fault
    assert saved.state.keys() == loaded.state.keys() == set(exchange.endings(name))
    for ending, arrays in saved.state.items():
        assert len(arrays) == len(loaded.state[ending]), ending
        for one, other in zip(arrays, loaded.state[ending], strict=True):
            np.testing.assert_array_equal(one, other, ending)
    tolerance = table.TOLERANCE.get(name, 1e-6)
    for one, other in zip(saved.outputs, loaded.outputs, strict=True):
        np.testing.assert_allclose(other, one, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(loaded.losses, saved.losses, rtol=10 * tolerance)
