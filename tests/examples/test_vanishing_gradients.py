"""The example of vanishing gradients runs, shows what it says, and leaves a picture."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")


def test_gradients_vanish_where_they_should(load_example, tmp_path, capsys):
    example = load_example("vanishing_gradients")
    outcomes = example.main(tmp_path / "picture.png", epochs=1)
    assert len(outcomes) == len(example.ACTIVATIONS) * len(example.INITIALIZATIONS)
    rise = {pair: outcome.norms[-2] / max(outcome.norms[0], 1e-30) for pair, outcome in outcomes.items()}
    assert rise["sigmoid", "Glorot"] > 1e3
    assert rise["relu", "N(0, 1)"] < 10
    assert 0.03 < rise["relu", "He"] < 30
    assert 0.1 < rise["selu", "LeCun"] < 10
    assert np.all(outcomes["relu", "N(0, 1)"].norms > 1e3)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(outcomes) + 2
