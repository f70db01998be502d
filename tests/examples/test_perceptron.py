"""The example of the perceptron runs, and shows what it says."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
PATH = Path(__file__).resolve().parents[2] / "examples" / "perceptron.py"


def test_only_the_network_tells_xor_apart(tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("perceptron", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    iris, alone, network = module.main(tmp_path / "picture.png").values()
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert iris.score(*module.petals()) == 1
    assert alone.score(*module.XOR) < 1
    assert network.score(*module.XOR) == 1
    assert "weights [-1.4 -2.2], bias 4.0" in capsys.readouterr().out
