"""Padded to a larger width, a network computes what it computes by itself."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers, optimizers
from lamina.core.frame import Rows
from lamina.population import Population
from lamina.population.grouping import in_waves
from lamina.population.masked import CannotPadError, Padded, Widths, evaluate, symbolic_axes
from lamina.population.member import Member
from lamina.population.padding import Outline, Padding
from tests.population.networks import assert_same

BATCH = 8
rng = np.random.default_rng(0)
X = rng.normal(size=(BATCH, 4)).astype("float32")
Y = rng.normal(size=(BATCH, 1)).astype("float32")


def network(units, between=(), optimizer=None, activation="tanh", **dense):
    model = lamina.Sequential([lamina.Input((4,)), layers.Dense(units, activation, **dense)])
    for make in between:
        model.add(make())
    model.add(layers.Dense(2 * units, activation))
    model.add(layers.Dense(1))
    model.compile(optimizer=optimizers.SGD(0.05) if optimizer is None else optimizer(), loss="mse")
    return model


def padding_of(build, widths=(3, 5), x=X, y=Y):
    members = [Member(n, {}, build(width), None) for n, width in enumerate(widths)]
    for member in members:
        member.model._prepare_for((x, y, None))
    padding = Padding([Outline(member, "fit") for member in members], "fit")
    rows = Rows(jax.ShapeDtypeStruct((BATCH,), bool), jax.ShapeDtypeStruct((), np.int32))
    spec = lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype)  # noqa: E731
    padding.check("train_step", (spec(x), spec(y), None), rows if padding.learner.pads else None)
    return padding, members


NOISE = (layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout)
CASES = {
    "activations with f(0) = 1/2": {"activation": "sigmoid"},
    "activations across units": {"activation": "softmax"},
    "batch normalization": {"between": [layers.BatchNormalization], "activation": "relu"},
    "layer normalization": {"between": [layers.LayerNormalization]},
    "dropout": {"between": [lambda: layers.Dropout(0.4, seed=3)]},
    "noise": {"between": [partial(each, 0.4, seed=3) for each in NOISE]},
    "regularizers": {"kernel_regularizer": "l1_l2", "bias_regularizer": lamina.regularizers.L2(0.1)},
    "penalties of whole matrices": {"kernel_regularizer": lamina.regularizers.OrthogonalRegularizer(0.1)},
    "activity": {"activity_regularizer": lamina.regularizers.L2(0.1)},
    "constraints": {"kernel_constraint": lamina.constraints.MaxNorm(0.5), "bias_constraint": "non_neg"},
    "unit norm": {"kernel_constraint": "unit_norm"},
    "adam with a norm of all gradients": {"optimizer": lambda: optimizers.Adam(0.01, global_clipnorm=0.1)},
    "norms of matrices": {"optimizer": lambda: optimizers.Lamb(0.01)},
    "factored moments": {"optimizer": lambda: optimizers.Adafactor(0.01)},
    "averages of weights": {"optimizer": lambda: optimizers.SGD(0.05, 0.9, nesterov=True, use_ema=True)},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_steps_are_those_of_the_network_alone(case):
    padding, members = padding_of(lambda units: network(units, **case))
    member = members[0]
    learner = member.learner
    rows = Rows(jnp.arange(BATCH) < BATCH - 2, jnp.int32(BATCH - 2)) if padding.learner.pads else None
    numbers = tuple(jnp.asarray(number) for number in learner.binding.hyperparameters())
    true = tuple(map(np.int32, padding.true_sizes(member)))
    step = jax.jit(lambda state: learner.train_step(state, numbers, (X, Y, None), rows)[0])
    padded_step = jax.jit(lambda state: padding.learner.train_step(state, (*numbers, *true), (X, Y, None), rows)[0])
    alone, padded = learner.binding.gather(), padding.pad(learner.binding.gather())
    for _ in range(3):
        alone, padded = step(alone), padded_step(padded)
    for expected, got in zip(jax.tree.leaves(alone), jax.tree.leaves(padding.trim(member, padded)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
    # What was padded is still zero, so it stays without effect.
    for whole, part in zip(jax.tree.leaves(padded), jax.tree.leaves(padding.trim(member, padded)), strict=True):
        assert np.count_nonzero(whole) == np.count_nonzero(part)


def test_what_cannot_be_padded_is_found():
    with pytest.raises(CannotPadError, match=r"cannot be left open: .*inconclusive"):
        padding_of(lambda units: network(units, optimizer=lambda: optimizers.Muon(0.01)), widths=(3, 20))
    with pytest.raises(CannotPadError, match=r"differ in the numbers \(2, 4\), which are no sizes"):
        padding_of(
            lambda units: network(units, optimizer=lambda: optimizers.SGD(gradient_accumulation_steps=units - 1))
        )
    with pytest.raises(CannotPadError):
        padding_of(lambda units: network(units, [lambda: layers.Reshape((2, units // 2)), layers.Flatten]), (4, 6))


def test_a_program_that_uses_a_width_as_a_number_is_found():
    class Divides(lamina.optimizers.SGD):
        """Not lamina's own, so that each is a structure of its own."""

    groups = (
        Population(lambda units: network(units, optimizer=Divides), [{"units": 3}, {"units": 5}]).plan(X, y=Y).groups
    )
    assert [group.padding for group in groups] == [[], []]


def test_sizes_that_are_calculated_are_refused():
    (n,) = jax.export.symbolic_shape("n")
    program = jax.make_jaxpr(lambda x: x.reshape(-1))(jax.ShapeDtypeStruct((n, 3), np.float32))
    with pytest.raises(CannotPadError, match="cannot be padded"):
        evaluate(program.jaxpr, program.consts, [Padded(jnp.ones((4, 3)))], Widths({"n": 4}, {"n": 2}))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.mean(),
        lambda x: jnp.exp(x).sum(axis=0),
        lambda x: jnp.max(x - 9, axis=0),
        lambda x: jnp.min(x + 9, axis=0),
        lambda x: jnp.prod(jnp.cos(x), axis=0),
        lambda x: jnp.argmax(-jnp.exp(x), axis=0),
        lambda x: jnp.exp(x).T @ jnp.cos(x),
        lambda x: jax.nn.softmax(x, axis=0)[0],
        lambda x: jnp.any(x == 0, axis=0),
        lambda x: jnp.all(x != 0, axis=0),
        lambda x: jnp.std(jnp.concatenate([x, x + 1], axis=1)),
        lambda x: jnp.where(x > 0, x, 1 / x).sum(),
        lambda x: (jnp.ones_like(x) / (x * 0 + 2)).sum(),
        lambda x: jax.lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x).sum(),
        lambda x: jnp.arange(x.shape[0]).sum() + x[-1, 0],
        lambda x: jnp.sum(jnp.sum(x, axis=1, keepdims=True) * 1.0 + 1.0),
    ],
)
def test_padding_does_not_show_in_what_a_program_returns(function):
    values = rng.normal(size=(5, 3)).astype("float32")
    (n,) = jax.export.symbolic_shape("n")
    program = jax.make_jaxpr(function)(jax.ShapeDtypeStruct((n, 3), np.float32))
    whole = np.zeros((8, 3), np.float32)
    whole[:5] = values
    for padding, known in ((0.0, {0}), (np.nan, set())):
        whole[5:] = padding
        given = [Padded(jnp.asarray(whole), frozenset(known))]
        (found,) = evaluate(program.jaxpr, program.consts, given, Widths({"n": 8}, {"n": jnp.int32(5)}))
        np.testing.assert_allclose(found.value, function(jnp.asarray(values)), rtol=1e-5)


def test_symbolic_axes_are_told_from_others():
    (n,) = jax.export.symbolic_shape("n")
    assert symbolic_axes((3, n, 2 * n)) == [1, 2]


# -- populations -------------------------------------------------------------------------------------------------------


def test_members_of_many_widths_share_a_program_and_equal_their_models(data, alone):
    def shaped(units, rate, dropout):
        between = [layers.BatchNormalization, lambda: layers.Dropout(dropout)] if dropout else []
        return network(units, between, lambda: optimizers.Adam(rate))

    candidates = [
        {"units": units, "rate": rate, "dropout": dropout}
        for dropout in (0.0, 0.3)
        for units, rate in ((3, 0.01), (7, 0.02), (4, 0.005))
    ]
    population = Population(shaped, candidates, seeds=range(6))
    plan = population.plan(data[0], y=data[1], epochs=3)
    assert [group.members for group in plan.groups] == [[0, 1, 2], [3, 4, 5]]
    assert "widths 3, 4, 7 padded to 8; widths 6, 8, 14 padded to 16" in str(plan)
    histories = population.fit(*data, epochs=3, batch_size=16, validation_split=0.2, verbose=0)
    for n in (0, 1, 5):
        model, history = alone(candidates[n], n, build=shaped, epochs=3, batch_size=16, validation_split=0.2)
        assert_same(population.members[n], histories[n], model, history, logs=2e-5)
    predicted = population.predict(data[0])
    for n in (0, 5):
        np.testing.assert_allclose(
            predicted[n], population.members[n].predict(data[0], verbose=0), rtol=1e-4, atol=1e-5
        )


def test_code_of_ones_own_is_shared_by_those_that_are_trained_together(data):
    def loss(y_true, y_pred):
        return lamina.ops.mean(lamina.ops.square(y_true - y_pred), axis=-1)

    def build(units):
        model = network(units, activity_regularizer="l2")
        model.compile(optimizer="sgd", loss=loss)
        return model

    population = Population(build, [{"units": units} for units in (3, 5, 3)])
    assert [group.members for group in population.plan(data[0], y=data[1]).groups] == [[0, 1, 2]]
    first, _, third = population.members
    assert first.learner("fit")[1] != third.learner("fit")[1]  # so that compile() has functions read anew


def test_padding_is_left_where_it_would_waste_more_than_compiling_takes(data):
    candidates = [{"units": units} for units in (400, 4, 6)]
    population = Population(network, candidates)
    assert [group.members for group in population.plan(data[0], epochs=1).groups] == [[0, 1, 2]]
    assert [group.members for group in population.plan(data[0], epochs=100_000).groups] == [[0], [1, 2]]


def test_waves_change_nothing(data):
    candidates = [{"units": units} for units in (3, 5, 3, 4)]
    seeds = [1, 1, 2, 3]
    whole = Population(network, candidates, seeds=seeds)
    expected = whole.fit(*data, epochs=2, verbose=0)
    each = whole.plan(data[0], y=data[1]).groups[0].bytes_each
    cut = Population(network, candidates, seeds=seeds, memory=1.5 * each)
    plan = cut.plan(data[0], y=data[1])
    assert plan.waves == 4
    assert "in 4 waves" in str(plan)
    histories = cut.fit(*data, epochs=2, verbose=0)
    for n in range(4):
        assert_same(cut.members[n], histories[n], whole.members[n], expected[n])


def test_waves_fill_up_with_members_of_several_groups():
    class Sized:
        def __init__(self, members, each):
            self.members, self.bytes_each = members, each

        def part(self, members):
            return Sized(members, self.bytes_each)

    waves = in_waves([Sized([1, 2, 3], 10), Sized([4, 5], 30)], 45)
    assert [[group.members for group in wave] for wave in waves] == [[[1, 2, 3]], [[4]], [[5]]]
    assert [[group.members for group in wave] for wave in in_waves([Sized([1, 2], 10)], 3)] == [[[1]], [[2]]]
