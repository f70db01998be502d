"""The example of the perceptron runs, and shows what it says."""

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")


def test_only_the_network_tells_xor_apart(load_example, tmp_path, capsys):
    module = load_example("perceptron")
    iris, alone, network = module.main(tmp_path / "picture.png").values()
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert iris.score(*module.petals()) == 1
    assert alone.score(*module.XOR) < 1
    assert network.score(*module.XOR) == 1
    assert "weights [-1.4 -2.2], bias 4.0" in capsys.readouterr().out
