"""The course's search, 10 candidates × 3 folds, up to 100 epochs with early stopping: in lamina and its peers.

Each runs once in a process of its own, without cached programs; the time counts from before the framework is imported.
"""

import time
from typing import Any, NamedTuple

import numpy as np

CANDIDATES, FOLDS, EPOCHS, PATIENCE = 10, 3, 100, 10
TRAINING, VALIDATION, FEATURES = 11_610, 3_870, 8
SEED = 42


class Outcome(NamedTuple):
    """What a search took and found: seconds, the mean score of each candidate, and the epochs of all trainings."""

    seconds: float
    scores: list[float]
    epochs: int


def candidates() -> list[dict[str, Any]]:
    """Drawn as the course draws them: depth 0 to 3, width 1 to 99, a rate from 0.0003 to 0.03."""
    rng = np.random.default_rng(SEED)
    return [
        {
            "n_hidden": int(rng.integers(0, 4)),
            "n_neurons": int(rng.integers(1, 100)),
            "learning_rate": float(np.exp(rng.uniform(np.log(3e-4), np.log(3e-2)))),
        }
        for _ in range(CANDIDATES)
    ]


def data() -> tuple[Any, Any, Any, Any]:
    """Training and validation data, of the size of California housing."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(TRAINING + VALIDATION, FEATURES)).astype("float32")
    clean = x[:, :1] * x[:, 1:2] + np.sin(2 * x[:, 2:3]) + x[:, 3:4]
    y = (clean + 0.5 * rng.normal(size=clean.shape)).astype("float32")
    return x[:TRAINING], y[:TRAINING], x[TRAINING:], y[TRAINING:]


def folds() -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows to train on and rows to score on, cut as they lie."""
    parts = np.array_split(np.arange(TRAINING), FOLDS)
    return [(np.concatenate([part for part in parts if part is not held_out]), held_out) for held_out in parts]


def _build_with(framework: Any) -> Any:
    def build_model(n_hidden: int, n_neurons: int, learning_rate: float) -> Any:
        hidden = [framework.layers.Dense(n_neurons, activation="relu") for _ in range(n_hidden)]
        model = framework.Sequential([framework.Input((FEATURES,)), *hidden, framework.layers.Dense(1)])
        model.compile(loss="mse", optimizer=framework.optimizers.SGD(learning_rate))
        return model

    return build_model


class Search:
    """A search by `"lamina"`, `"keras"` or `"sklearn"`.

    Args:
        who: searches.
    """

    def __init__(self, who: str) -> None:
        self._who = who

    def run(self) -> Outcome:
        """Searches, and trains the best candidate on all rows as scikit-learn's search does."""
        start = time.perf_counter()
        scores, epochs = {"lamina": _lamina, "keras": _keras, "sklearn": _sklearn}[self._who]()
        return Outcome(time.perf_counter() - start, scores, epochs)


def _lamina() -> tuple[list[float], int]:
    import lamina
    from lamina.population import Population

    x, y, *held_out = data()
    build = _build_with(lamina)
    rows = folds()
    population = Population(build, [candidate for candidate in candidates() for _ in rows], seeds=SEED)
    stop = lamina.callbacks.EarlyStopping(patience=PATIENCE)
    blind = [(train, None) for train, _ in rows] * CANDIDATES
    histories = population.fit(
        x, y, epochs=EPOCHS, folds=blind, validation_data=tuple(held_out), callbacks=[stop], verbose=0
    )
    losses = population.evaluate(x, y, folds=rows * CANDIDATES).reshape(CANDIDATES, FOLDS).mean(axis=1)
    best = build(**candidates()[int(losses.argmin())])
    best.fit(x, y, epochs=EPOCHS, validation_data=tuple(held_out), callbacks=[stop], verbose=0)
    return losses.tolist(), sum(len(history.epoch) for history in histories)


def _keras() -> tuple[list[float], int]:
    from peers import import_keras

    keras = import_keras("jax")
    x, y, *held_out = data()
    build = _build_with(keras)
    epochs = 0

    def trained(candidate: dict[str, Any], rows: Any) -> Any:
        nonlocal epochs
        keras.utils.set_random_seed(SEED)
        model = build(**candidate)
        stop = keras.callbacks.EarlyStopping(patience=PATIENCE)
        history = model.fit(
            x[rows], y[rows], epochs=EPOCHS, validation_data=tuple(held_out), callbacks=[stop], verbose=0
        )
        epochs += len(history.epoch)
        return model

    losses = [
        float(np.mean([trained(candidate, train).evaluate(x[own], y[own], verbose=0) for train, own in folds()]))
        for candidate in candidates()
    ]
    counted = epochs
    trained(candidates()[int(np.argmin(losses))], slice(None))
    return losses, counted


def _sklearn() -> tuple[list[float], int]:
    import warnings

    from sklearn.model_selection import RandomizedSearchCV
    from sklearn.neural_network import MLPRegressor

    x, y, *_ = data()
    given = [
        {"hidden_layer_sizes": [(c["n_neurons"],) * c["n_hidden"]], "learning_rate_init": [c["learning_rate"]]}
        for c in candidates()
    ]
    network = MLPRegressor(
        **{"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "batch_size": 32, "max_iter": EPOCHS, "tol": 0.0},
        **{"early_stopping": True, "n_iter_no_change": PATIENCE, "random_state": SEED},
    )
    search = RandomizedSearchCV(
        network, given, n_iter=CANDIDATES, cv=FOLDS, n_jobs=2, scoring="neg_mean_squared_error", random_state=SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(x, y[:, 0])
    return (-search.cv_results_["mean_test_score"]).tolist(), 0
