"""The curve of each learning-rate schedule: draws schedule_curves.png.

python examples/schedule_curves.py [folder]
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from lamina import plots
from lamina.optimizers import schedules

STEPS = 1000
SCHEDULES = {
    "power": schedules.PowerDecay(0.1, decay_steps=100),
    "exponential": schedules.ExponentialDecay(0.1, decay_steps=300, decay_rate=0.1),
    "exponential, staircase": schedules.ExponentialDecay(0.1, decay_steps=200, decay_rate=0.5, staircase=True),
    "inverse time": schedules.InverseTimeDecay(0.1, decay_steps=100, decay_rate=0.5),
    "piecewise constant": schedules.PiecewiseConstantDecay([300, 600], [0.1, 0.05, 0.01]),
    "piecewise linear": schedules.PiecewiseLinear([0, 300, 900], [0.02, 0.1, 0.0]),
    "polynomial": schedules.PolynomialDecay(0.1, decay_steps=800, end_learning_rate=0.01, power=2.0),
    "polynomial, cycle": schedules.PolynomialDecay(0.1, decay_steps=300, end_learning_rate=0.01, cycle=True),
    "cosine": schedules.CosineDecay(0.1, decay_steps=900),
    "cosine with warm-up": schedules.CosineDecay(0.0, decay_steps=700, warmup_target=0.1, warmup_steps=200),
    "cosine with restarts": schedules.CosineDecayRestarts(0.1, first_decay_steps=150, m_mul=0.8),
    "warm-up before exponential": schedules.LinearWarmup(schedules.ExponentialDecay(0.1, 300, 0.1), warmup_steps=200),
    "1cycle: rate": schedules.OneCycle(0.1, total_steps=STEPS),
    "1cycle: momentum": schedules.OneCycleMomentum(total_steps=STEPS),
}


def main(folder="."):
    """Draws a panel for each schedule and returns the picture's path."""
    columns = 4
    figure = Figure(figsize=(14, 11), layout="constrained")
    panels = figure.subplots(-(-len(SCHEDULES) // columns), columns)
    for axes, (title, schedule) in zip(panels.flat, SCHEDULES.items(), strict=False):
        plots.schedule_curves(schedule, STEPS, ax=axes)
        axes.set_title(title, fontsize=11)
        if "momentum" in title:
            axes.set_ylabel("momentum")
        else:
            axes.set_ylim(-0.003, 0.106)
    for axes in panels.flat[len(SCHEDULES) :]:
        axes.set_visible(False)
    picture = Path(folder) / "schedule_curves.png"
    figure.savefig(picture, dpi=100)
    return picture


if __name__ == "__main__":
    print(main(*sys.argv[1:2]))
