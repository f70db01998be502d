import numpy as np
import pytest

import lamina
from tests.population.networks import build


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(75, 4)).astype("float32")
    return x, (x[:, :1] * x[:, 1:2] + 0.1 * rng.normal(size=(75, 1))).astype("float32")


@pytest.fixture
def alone(data):
    """Trains one model as users do, after setting the seed."""

    def fit(candidate, seed, rows=None, held_out=None, build=build, **arguments):
        x, y = data
        lamina.utils.set_random_seed(seed)
        model = build(**candidate)
        if rows is not None:
            arguments |= {"validation_data": (x[held_out], y[held_out])}
            arguments |= {name: arguments[name][rows] for name in ("sample_weight",) if arguments.get(name) is not None}
            x, y = x[rows], y[rows]
        return model, model.fit(x, y, verbose=0, **arguments)

    return fit
