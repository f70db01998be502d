"""Models of symbolic tensors."""

import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.core.errors import ArgumentError, DataError, ShapeError, UnknownNameError
from lamina.training.loop import trace_count

X = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
Z = np.random.default_rng(1).normal(size=(40, 3)).astype("float32")
Y = X[:, :1] + Z[:, :1] ** 2


def wide_and_deep(**compiled):
    wide, deep = lamina.Input((5,), name="wide"), lamina.Input((3,), name="deep")
    hidden = layers.Dense(8, activation="relu")(deep)
    hidden = layers.Dense(8, activation="relu")(hidden)
    main = layers.Dense(1, name="main")(layers.concatenate([wide, hidden]))
    side = layers.Dense(1, name="side")(hidden)
    model = lamina.Model(inputs=[wide, deep], outputs=[main, side])
    model.compile(optimizer=lamina.optimizers.SGD(0.01), **{"loss": "mse", **compiled})
    return model


def test_names_and_shapes():
    model = wide_and_deep()
    assert model.input_names == ["wide", "deep"]
    assert model.output_names == ["main", "side"]
    assert model.input_shape == [(None, 5), (None, 3)]
    assert model.output_shape == [(None, 1), (None, 1)]
    assert model.count_params() == 3 * 8 + 8 + 8 * 8 + 8 + 13 + 1 + 8 + 1


def test_outputs_are_what_the_layers_compute():
    model = wide_and_deep()
    main, side = model.predict([X, Z], verbose=0)
    first, second = (layer for layer in model.layers if layer.name.startswith("dense"))
    hidden = second(first(Z))
    np.testing.assert_allclose(main, model.get_layer("main")(np.concatenate([X, hidden], 1)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(side, model.get_layer("side")(hidden), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [[X, Z], (X, Z), {"wide": X, "deep": Z}, {"deep": Z, "wide": X}],
    ids=["list", "tuple", "dict", "other order"],
)
def test_ways_to_give_inputs(given):
    model = wide_and_deep()
    expected = model.predict([X, Z], verbose=0)
    for one, two in zip(model.predict(given, verbose=0), expected, strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(model(given), expected, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_several_outputs_are_trained_and_logged():
    model = wide_and_deep(loss_weights=[0.9, 0.1], metrics={"main": "mae"})
    history = model.fit([X, Z], [Y, Y], epochs=3, verbose=0, validation_split=0.25).history
    assert list(history) == sorted(
        ["loss", "main_loss", "side_loss", "main_mae", "val_loss", "val_main_loss", "val_side_loss", "val_main_mae"]
    )
    assert history["loss"][-1] < history["loss"][0]
    total, main, side, _ = model.evaluate([X, Z], {"main": Y, "side": Y}, verbose=0)
    assert total == pytest.approx(0.9 * main + 0.1 * side, rel=1e-5)


def test_a_layer_called_twice_shares_its_weights():
    one, two = lamina.Input((5,)), lamina.Input((5,))
    shared = layers.Dense(4)
    model = lamina.Model([one, two], layers.subtract([shared(one), shared(two)]))
    assert len(model.weights) == 2
    np.testing.assert_allclose(model.predict([X, X], verbose=0), np.zeros((40, 4)), atol=1e-6)


def test_functions_and_operators_are_part_of_the_graph():
    inputs = lamina.Input((5,))
    model = lamina.Model(inputs, ops.relu(2 * inputs - 1)[:, :2])
    np.testing.assert_allclose(model.predict(X, verbose=0), np.maximum(2 * X - 1, 0)[:, :2], rtol=1e-6)


def test_a_model_inside_of_another():
    inner = lamina.Sequential([lamina.Input((5,)), layers.Dense(3, activation="tanh")])
    inputs = lamina.Input((5,))
    model = lamina.Model(inputs, layers.Dense(1)(inner(inputs)))
    assert len(model.weights) == 4
    np.testing.assert_allclose(model.predict(X, verbose=0), model.layers[-1](inner(X)), rtol=1e-5, atol=1e-6)


def test_features_of_a_layer_inside():
    model = wide_and_deep()
    features = lamina.Model(model.input, model.get_layer("side").input)
    assert features.predict([X, Z], verbose=0).shape == (40, 8)


def test_dict_of_outputs():
    inputs = lamina.Input((5,))
    model = lamina.Model(inputs, {"b": layers.Dense(2)(inputs), "a": layers.Dense(1)(inputs)})
    model.compile("sgd", {"a": "mse", "b": "mae"})
    history = model.fit(X, {"a": Y, "b": X[:, :2]}, verbose=0).history
    assert list(history) == ["a_loss", "b_loss", "loss"]
    assert {name: value.shape for name, value in model.predict(X, verbose=0).items()} == {"a": (40, 1), "b": (40, 2)}


def test_equal_graphs_share_programs():
    wide_and_deep().fit([X, Z], [Y, Y], verbose=0)
    before = trace_count()
    wide_and_deep().fit([X, Z], [Y, Y], verbose=0)
    assert trace_count() == before


def test_another_wiring_is_another_program():
    def build(swap):
        one, two = lamina.Input((5,)), lamina.Input((5,))
        pair = [two, one] if swap else [one, two]
        model = lamina.Model([one, two], layers.subtract(pair))
        return model.predict([X, 0 * X], verbose=0)

    np.testing.assert_allclose(build(False), -build(True))


def test_a_missing_input_is_named():
    one, two = lamina.Input((5,), name="given"), lamina.Input((5,), name="forgotten")
    with pytest.raises(ShapeError, match=r"(?s)needs the input 'forgotten'.*inputs of the model .'given'"):
        lamina.Model(one, layers.add([one, two]))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ([X], DataError, "has 2 inputs .'wide', 'deep'., but 1 were given"),
        ({"wide": X, "dep": Z}, UnknownNameError, "(?s)no input 'dep'.*did you mean deep"),
        ({"wide": X}, DataError, "input 'deep' is missing"),
        ([Z, X], ShapeError, r"inputs of shape \(None, 5\) at its input 'wide', but got float32\[40, 3\]"),
    ],
    ids=["number", "name", "missing", "swapped"],
)
def test_wrong_inputs(given, error, says):
    model = wide_and_deep()
    with pytest.raises(error, match=says):
        model.predict(given, verbose=0)


def test_wrong_targets():
    model = wide_and_deep()
    with pytest.raises(DataError, match="the model has 2 outputs"):
        model.fit([X, Z], [Y], verbose=0)
    with pytest.raises(DataError, match=r"(?s)names the output 'man'.*did you mean main"):
        model.fit([X, Z], {"man": Y, "side": Y}, verbose=0)


def test_inputs_need_outputs():
    with pytest.raises(ArgumentError, match="both inputs and outputs"):
        lamina.Model(inputs=lamina.Input((5,)))
    with pytest.raises(ShapeError, match=r"(?s)are symbolic tensors. Received: ndarray.*lamina.Input"):
        lamina.Model(lamina.Input((5,)), X)
