"""Random small populations: each member is what its model becomes alone."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lamina
from lamina.callbacks import EarlyStopping
from lamina.population import Population
from tests.population.networks import assert_same, build

ROWS = 45
rng = np.random.default_rng(2)
X = rng.normal(size=(ROWS, 4)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] * X[:, 2:3]).astype("float32")

candidate = st.fixed_dictionaries(
    {
        "units": st.sampled_from([3, 5, 9]),
        "rate": st.floats(1e-3, 0.05),
        "depth": st.sampled_from([0, 2]),
        "dropout": st.sampled_from([0.0, 0.2, 0.4]),
        "l2": st.sampled_from([0.0, 0.01, 0.1]),
        "activation": st.sampled_from(["tanh", "sigmoid"]),
        "normalized": st.booleans(),
        "optimizer": st.sampled_from(["sgd", "adam"]),
    }
)
arguments = st.fixed_dictionaries(
    {
        "batch_size": st.sampled_from([8, 15, 64]),
        "shuffle": st.sampled_from([True, False, "batch"]),
        "sample_weight": st.sampled_from([None, np.linspace(0.1, 2, ROWS).astype("float32")]),
    }
)


@st.composite
def fold(draw):
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(ROWS)
    return order[draw(st.integers(5, 12)) :], order[: draw(st.integers(3, 5))]


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(candidate, fold(), st.integers(0, 9)), min_size=1, max_size=3), arguments, st.booleans())
def test_members_equal_models_alone(members, common, stops):
    def stopper():
        return [EarlyStopping(patience=0, restore_best_weights=True)] if stops else []

    candidates, folds, seeds = zip(*members, strict=True)
    population = Population(build, list(candidates), seeds=list(seeds))
    histories = population.fit(X, Y, epochs=3, folds=folds, callbacks=stopper(), verbose=0, **common)
    for n, (rows, held_out) in enumerate(folds):
        lamina.utils.set_random_seed(seeds[n])
        model = build(**candidates[n])
        weights = common["sample_weight"]
        held = (X[held_out], Y[held_out]) if weights is None else (X[held_out], Y[held_out], weights[held_out])
        own = {**common, "sample_weight": None if weights is None else weights[rows]}
        expected = model.fit(X[rows], Y[rows], epochs=3, validation_data=held, callbacks=stopper(), verbose=0, **own)
        assert_same(population.members[n], histories[n], model, expected, rtol=1e-5, logs=1e-5)


dense = st.fixed_dictionaries(
    {
        "widths": st.lists(st.sampled_from([3, 10, 30, 32, 64, 100]), max_size=3),
        "outputs": st.sampled_from([1, 3]),
        "activation": st.sampled_from(["relu", "tanh", "elu", "swish"]),
        "optimizer": st.sampled_from(["sgd", "adam", "rmsprop", "nadam"]),
        "loss": st.sampled_from(["mse", "huber", "binary_crossentropy"]),
        "l2": st.sampled_from([0.0, 0.01]),
        "clipnorm": st.sampled_from([None, 1.0]),
    }
)


def build_dense(rate, widths, outputs, activation, optimizer, loss, l2, clipnorm):
    model = lamina.Sequential([lamina.Input((4,))])
    for width in widths:
        model.add(lamina.layers.Dense(width, activation, kernel_regularizer=lamina.regularizers.L2(l2)))
    model.add(lamina.layers.Dense(outputs, "sigmoid" if loss == "binary_crossentropy" else None))
    chosen = {"class_name": optimizer, "config": {"learning_rate": rate, "clipnorm": clipnorm}}
    model.compile(optimizer=chosen, loss=loss, metrics=["mae"])
    return model


@pytest.mark.usefixtures("optimized")
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(dense, st.integers(2, 5), st.sampled_from([8, 32, 48, 64, 128]), st.sampled_from([96, 128, 150]), st.booleans())
def test_histories_of_dense_networks_have_the_same_bits(network, count, batch, rows, weighted):
    x = rng.normal(size=(rows, 4)).astype("float32")
    y = (x[:, : network["outputs"]] > 0).astype("float32")
    options = {"epochs": 3, "batch_size": batch, "validation_split": 0.25, "verbose": 0}
    if weighted:
        options["sample_weight"] = rng.uniform(0.5, 2, rows).astype("float32")
    candidates = [{"rate": 0.001 * (n + 1), **network} for n in range(count)]
    histories = Population(build_dense, candidates, seeds=list(range(count))).fit(x, y, **options)
    for seed, candidate in enumerate(candidates):
        lamina.utils.set_random_seed(seed)
        assert histories[seed].history == build_dense(**candidate).fit(x, y, **options).history
