"""The example of many networks runs, and draws each of its pictures."""

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")


def test_every_picture_is_drawn(load_example, tmp_path, capsys):
    load_example("many_networks").main(tmp_path, epochs=1, rows=64, networks=2)
    names = {"learning_rate", "search", "members", "ensemble", "sizes", "widths"}
    assert {path.stem for path in tmp_path.glob("*.png")} == names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())
    assert "learning_rate" in capsys.readouterr().out.splitlines()[1]
