"""The paths of optimizers down a ravine and away from a saddle point: draws optimizer_paths.png and saddle.gif.

python examples/optimizer_paths.py [folder]
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

import lamina as keras

SGD = keras.optimizers.SGD
OPTIMIZERS = {
    "SGD": SGD(0.02),
    "Momentum": SGD(0.02, momentum=0.9),
    "Nesterov": SGD(0.02, momentum=0.9, nesterov=True),
    "Adagrad": keras.optimizers.Adagrad(0.4),
    "RMSprop": keras.optimizers.RMSprop(0.05),
    "Adam": keras.optimizers.Adam(0.1),
    "Adamax": keras.optimizers.Adamax(0.15),
    "Nadam": keras.optimizers.Nadam(0.1),
}


def draw(steps=120):
    """Both surfaces with all paths, beside each other."""
    figure = Figure(figsize=(13, 5.2), layout="constrained")
    for axes, surface in zip(figure.subplots(1, 2), ("ravine", "saddle"), strict=True):
        keras.plots.optimizer_paths(OPTIMIZERS, surface, ax=axes, steps=steps)
        axes.set_title(surface)
    return figure


def main(folder=".", frames=50):
    """Draws the picture and the animation, and returns their paths."""
    picture, animation = Path(folder) / "optimizer_paths.png", Path(folder) / "saddle.gif"
    draw().savefig(picture, dpi=110)
    axes = Figure(figsize=(7.5, 4.5), layout="constrained").subplots()
    keras.plots.animate_optimizer_paths(animation, OPTIMIZERS, "saddle", ax=axes, steps=frames, frames=frames)
    return picture, animation


if __name__ == "__main__":
    print(*main(*sys.argv[1:2]), sep="\n")
