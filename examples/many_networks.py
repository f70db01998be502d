"""Many networks at once: a search, an ensemble, learning rates and learning curves, each with its picture.

python examples/many_networks.py --folder pictures
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import lamina as keras
from lamina import plots
from lamina.estimators import KerasRegressor
from lamina.model_selection import RandomizedSearchCV
from lamina.population import Ensemble, Population, find_learning_rate, learning_curve, validation_curve


def build(n_hidden=2, n_neurons=30, learning_rate=0.01):
    """A regression network of the given depth and width."""
    layers = [keras.layers.Dense(n_neurons, "tanh") for _ in range(n_hidden)]
    model = keras.Sequential([keras.Input((1,)), *layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate))
    return model


def waves(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A wave with noise, and a gap in its middle."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, rows)
    x = np.where(np.abs(x) < 0.25, np.sign(x) * (0.25 + np.abs(x)), x)
    return x[:, None], (np.sin(4 * x) + 0.15 * rng.normal(size=rows))[:, None]


def pictures(epochs: int, rows: int, networks: int) -> Iterator[tuple[str, object]]:
    """The axes of each picture, with a name."""
    x, y = waves(rows, 0)
    seen, held_out = slice(0, 3 * rows // 4), slice(3 * rows // 4, None)

    found = find_learning_rate(build, x, y, seed=0, steps=300)
    print(found.why)
    yield "learning_rate", found.plot()

    candidates = {
        "n_hidden": [0, 1, 2, 3],
        "n_neurons": list(range(2, 60)),
        "learning_rate": np.geomspace(1e-3, 0.1, 50).tolist(),
    }
    network = KerasRegressor(build, random_state=0, verbose=0)
    search = RandomizedSearchCV(network, candidates, n_iter=networks, cv=3, random_state=0)
    search.fit(x, y[:, 0], batch_size=16, epochs=epochs)
    print(search.best_params_)
    yield "search", plots.parallel_coordinates(search)

    population = Population(build, [{"learning_rate": rate} for rate in np.geomspace(3e-4, 0.1, networks)], seeds=0)
    population.fit(x, y, batch_size=16, epochs=epochs, validation_split=0.25, verbose=0)
    yield "members", plots.member_curves(population)

    ensemble = Ensemble(build, members=8, seed=0)
    ensemble.fit(x[seen], y[seen], batch_size=16, epochs=3 * epochs, verbose=0)
    ensemble.calibrate(x[held_out], y[held_out])
    axes = ensemble.plot(np.linspace(-1.2, 1.2, 200))
    axes.scatter(x[:, 0], y[:, 0], s=8, color=plots.style.find_style().series[1], zorder=3)
    yield "ensemble", axes

    common = {"cv": 4, "seed": 0, "batch_size": 16, "epochs": epochs, "verbose": 0}
    yield "sizes", learning_curve(build, x, y, np.linspace(0.1, 1, 2 + networks // 8), **common).plot()
    widths = [2**power for power in range(2 + networks // 5)]
    yield "widths", validation_curve(build, x, y, "n_neurons", widths, **common).plot()


def main(folder: Path, epochs: int = 60, rows: int = 240, networks: int = 24) -> None:
    """Draws all pictures into a folder."""
    folder.mkdir(exist_ok=True)
    for name, axes in pictures(epochs, rows, networks):
        axes.get_figure().savefig(folder / f"{name}.png", dpi=110)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("pictures"))
    for size, usual in (("epochs", 60), ("rows", 240), ("networks", 24)):
        parser.add_argument(f"--{size}", type=int, default=usual)
    main(**vars(parser.parse_args()))
