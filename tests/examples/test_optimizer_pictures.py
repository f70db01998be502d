"""The examples of optimizers and schedules run, show what they say, and leave pictures."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
FOLDER = Path(__file__).resolve().parents[2] / "examples"


def example(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_optimizers_leave_the_saddle_or_stay(tmp_path):
    paths = example("optimizer_paths")
    picture = paths.main(tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")
    surface, start, _ = paths.SURFACES["saddle point"]
    ends = {name: paths.path(make(), surface, start)[-1] for name, make in paths.OPTIMIZERS.items()}
    assert abs(ends["SGD"][1]) < 0.1 < 1 < abs(ends["Adam"][1])
    surface, start, _ = paths.SURFACES["ravine"]
    ends = {name: surface(paths.path(make(), surface, start)[-1]) for name, make in paths.OPTIMIZERS.items()}
    assert ends["Momentum"] < ends["SGD"]


def test_each_schedule_has_its_curve(tmp_path):
    curves = example("schedule_curves")
    assert curves.main(tmp_path).read_bytes().startswith(b"\x89PNG")
    ends = {name: np.asarray(schedule([0, curves.STEPS])) for name, schedule in curves.SCHEDULES.items()}
    assert ends["cosine with warm-up"].tolist() == pytest.approx([0, 0], abs=1e-7)
    assert ends["1cycle: rate"].tolist() == pytest.approx([0.01, 1e-5])
