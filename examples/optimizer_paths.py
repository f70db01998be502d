"""The paths of optimizers down a ravine and away from a saddle point: draws optimizer_paths.png.

python examples/optimizer_paths.py [folder]
"""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np

import lamina as keras

matplotlib.use("Agg")
import matplotlib.pyplot as plt

OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.02),
    "Momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
    "Nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "Adagrad": lambda: keras.optimizers.Adagrad(0.4),
    "RMSprop": lambda: keras.optimizers.RMSprop(0.05),
    "Adam": lambda: keras.optimizers.Adam(0.1),
    "Adamax": lambda: keras.optimizers.Adamax(0.15),
    "Nadam": lambda: keras.optimizers.Nadam(0.1),
}


def ravine(point):
    """Steep across, nearly level along: the lowest point is at (0, 0)."""
    x, y = point
    return 0.05 * x**2 + 2.0 * y**2


def saddle(point):
    """Down to the middle along x, and down from it along y."""
    x, y = point
    return 0.5 * x**2 - 0.5 * y**2 + 0.05 * y**4


# A surface, where to start, and the window to draw.
SURFACES = {
    "ravine": (ravine, (-9.0, 1.5), (-10, 2, -2.2, 2.2)),
    "saddle point": (saddle, (-3.0, 1e-3), (-3.5, 1.5, -3.2, 3.2)),
}


def path(optimizer, surface, start, steps=120):
    """The points that an optimizer comes by, `(steps + 1, 2)`."""
    point = keras.Variable(np.array(start, "float32"))
    slope = jax.jit(jax.grad(surface))
    points = [point.numpy()]
    for _ in range(steps):
        optimizer.apply([slope(point.value)], [point])
        points.append(point.numpy())
    return np.array(points)


def draw(axes, title):
    """One surface with all paths."""
    surface, start, (left, right, low, high) = SURFACES[title]
    x, y = np.meshgrid(np.linspace(left, right, 120), np.linspace(low, high, 120))
    axes.contour(x, y, surface(jnp.stack([x, y])), levels=25, colors="0.85", linewidths=0.8)
    for (name, make), colour in zip(OPTIMIZERS.items(), plt.cm.tab10.colors, strict=False):
        points = path(make(), surface, start)
        axes.plot(*points.T, color=colour, label=name, linewidth=1.4)
        axes.plot(*points[-1], "o", color=colour, markersize=5)
    axes.plot(*start, "k*", markersize=12)
    axes.set(title=title, xlim=(left, right), ylim=(low, high))


def main(folder="."):
    """Draws both surfaces and returns the picture's path."""
    figure, panels = plt.subplots(1, 2, figsize=(13, 5.2), layout="constrained")
    for axes, title in zip(panels, SURFACES, strict=True):
        draw(axes, title)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(OPTIMIZERS))
    picture = Path(folder) / "optimizer_paths.png"
    figure.savefig(picture, dpi=110)
    plt.close(figure)
    return picture


if __name__ == "__main__":
    print(main(*sys.argv[1:2]))
