"""The examples of optimizers and schedules run, show what they say, and leave pictures."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")


def test_optimizers_leave_the_saddle_or_stay(load_example, tmp_path, monkeypatch):
    paths = load_example("optimizer_paths")
    kept = ("SGD", "Momentum", "Adam")
    monkeypatch.setattr(paths, "OPTIMIZERS", {name: paths.OPTIMIZERS[name] for name in kept})
    ravine, saddle = ({line.get_label(): line.get_xydata()[-1] for line in axes.lines} for axes in paths.draw(120).axes)
    assert abs(saddle["SGD"][1]) < 0.1 < 1 < abs(saddle["Adam"][1])
    assert abs(ravine["Momentum"][0]) < abs(ravine["SGD"][0])
    monkeypatch.setattr(paths, "draw", lambda: paths.Figure())
    picture, animation = paths.main(tmp_path, frames=2)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert animation.read_bytes().startswith(b"GIF89a")


def test_each_schedule_has_its_curve(load_example, tmp_path):
    curves = load_example("schedule_curves")
    assert curves.main(tmp_path).read_bytes().startswith(b"\x89PNG")
    ends = {name: np.asarray(schedule([0, curves.STEPS])) for name, schedule in curves.SCHEDULES.items()}
    assert ends["cosine with warm-up"].tolist() == pytest.approx([0, 0], abs=1e-7)
    assert ends["1cycle: rate"].tolist() == pytest.approx([0.01, 1e-5])
