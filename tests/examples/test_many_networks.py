"""The example of many networks runs, and draws each of its pictures."""

import importlib.util
from pathlib import Path

import jax
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
PATH = Path(__file__).resolve().parents[2] / "examples" / "many_networks.py"


@pytest.fixture(autouse=True)
def quick_compiler():
    """A few steps of small networks: compiling takes longer than what it could save."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


def test_every_picture_is_drawn(tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("many_networks", PATH)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.main(tmp_path, epochs=1, rows=64, networks=2)
    names = {"learning_rate", "search", "members", "ensemble", "sizes", "widths"}
    assert {path.stem for path in tmp_path.glob("*.png")} == names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())
    assert "learning_rate" in capsys.readouterr().out.splitlines()[1]
