"""Models of symbolic tensors."""

import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.core.errors import ArgumentError, DataError, NotCalledError, ShapeError, UnknownNameError
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


# -- inputs and outputs ------------------------------------------------------------------------------------------


def test_a_model_begins_where_layers_computed():
    model = wide_and_deep()
    side = model.get_layer("side")
    head = lamina.Model(side.input, side.output, name="head")
    assert head.input_shape == (None, 8)
    assert head.weights[0] is side.weights[0]
    hidden = lamina.Model(model.input, side.input)([X, Z])
    np.testing.assert_allclose(head(hidden), model([X, Z])[1], rtol=1e-5, atol=1e-6)


def test_a_stack_inside_tells_its_place_in_the_graph():
    inner = lamina.Sequential([lamina.Input((5,)), layers.Dense(3)])
    inputs = lamina.Input((5,))
    model = lamina.Model(inputs, layers.Dense(1)(inner(inputs)))
    features = lamina.Model(model.input, model.layers[-2].output)
    np.testing.assert_allclose(features(X), inner(X), rtol=1e-6)


def test_all_but_the_last_layer_are_used_again():
    model = wide_and_deep()
    base = lamina.Model(model.inputs, model.layers[-2].output)
    again = lamina.Model(base.inputs, layers.Dense(1, name="new")(base.output))
    assert again.weights[0] is model.weights[0]
    assert again.get_layer("new") not in model.layers


def test_the_first_call_tells_input_and_output():
    one, two = lamina.Input((5,)), lamina.Input((5,))
    shared = layers.Dense(4)
    first, second = shared(one), shared(two)
    assert shared.input is one
    assert shared.output is first
    assert second is not first
    both = layers.Add()
    both([first, second])
    assert both.input == [first, second]


@pytest.mark.parametrize("what", ["input", "output"])
@pytest.mark.parametrize("make", [lambda: layers.Dense(2), lambda: lamina.Sequential([layers.Dense(2)])])
def test_a_layer_that_was_not_called_has_neither(make, what):
    layer = make()
    assert not hasattr(layer, what)
    with pytest.raises(NotCalledError, match=rf"(?s)'{layer.name}'.*{what}.*lamina.Input") as found:
        getattr(layer, what)
    assert isinstance(found.value, AttributeError)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_one_stays_a_list(kind):
    inputs = lamina.Input((5,))
    model = lamina.Model(kind([inputs]), kind([layers.Dense(1)(inputs)]))
    assert type(model.input) is kind
    assert (model.input_shape, model.output_shape) == ((None, 5), (None, 1))
    assert model(X).shape == (40, 1)
    assert model.predict([X], verbose=0).shape == (40, 1)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)


def test_nested_structures():
    one, two, three = (lamina.Input((5,), name=name) for name in "abc")
    model = lamina.Model({"pair": [one, two], "single": three}, [layers.add([one, two]), {"c": three}])
    total, rest = model({"pair": [X, X], "single": 0 * X})
    np.testing.assert_allclose(total, 2 * X)
    np.testing.assert_array_equal(rest["c"], 0 * X)


def test_inputs_by_name_come_in_the_order_of_the_names():
    one, two = lamina.Input((5,), name="b"), lamina.Input((3,), name="a")
    model = lamina.Model({"b": one, "a": two}, layers.concatenate([one, two]))
    assert model.input_names == ["a", "b"]
    assert model.input_shape == [(None, 3), (None, 5)]
    np.testing.assert_array_equal(model({"a": Z, "b": X}), np.concatenate([X, Z], 1))
    with pytest.raises(DataError, match=r"(?s)by the names 'b', 'a', but a list was given.*a dict"):
        model([X, Z])


def test_what_a_dict_holds_besides_is_left_aside():
    model = wide_and_deep()
    np.testing.assert_array_equal(
        model.predict({"wide": X, "deep": Z, "more": Y}, verbose=0)[0], model.predict([X, Z], verbose=0)[0]
    )


def test_an_input_that_is_left_out():
    one, two = lamina.Input((5,), name="one"), lamina.Input((5,), name="two", optional=True)

    class AddIfGiven(layers.Layer):
        def call(self, inputs):
            first, second = inputs
            return first if second is None else first + second

    model = lamina.Model([one, two], AddIfGiven()([one, two]))
    np.testing.assert_array_equal(model([X, None]), X)
    np.testing.assert_array_equal(model([X, X]), 2 * X)
    with pytest.raises(DataError, match=r"The input 'one' of Model '.*' cannot be left out, but is None"):
        model([None, X])


def test_an_input_that_nothing_depends_on_is_taken():
    one, two = lamina.Input((5,), name="one"), lamina.Input((3,), name="unused")
    model = lamina.Model([one, two], layers.Dense(1)(one))
    assert [layer.name for layer in model.layers][:2] == ["one", "unused"]
    assert model.predict([X, Z], verbose=0).shape == (40, 1)


def test_many_layers_in_a_row():
    inputs = outputs = lamina.Input((2,))
    for _ in range(1500):
        outputs = layers.Activation("linear")(outputs)
    assert len(lamina.Model(inputs, outputs).layers) == 1501


# -- what makes no graph -------------------------------------------------------------------------------------------


def test_a_graph_that_is_not_connected_names_who_needs_what():
    one, two = lamina.Input((5,), name="given"), lamina.Input((5,), name="forgotten")
    with pytest.raises(ShapeError, match=r"(?s)'merge' needs the input 'forgotten' \(None, 5\).*add it to inputs="):
        lamina.Model(one, layers.Add(name="merge")([one, two]))
    with pytest.raises(ShapeError, match=r"an output needs the input 'forgotten'"):
        lamina.Model(one, two)


def test_an_output_that_does_not_depend_on_the_inputs():
    one, two = lamina.Input((5,), name="one"), lamina.Input((5,), name="two")
    with pytest.raises(ShapeError, match=r"'head' needs the input 'two'.*inputs of the model \('one'\)"):
        lamina.Model(one, [layers.Dense(1)(one), layers.Dense(1, name="head")(two)])


def test_a_cycle_names_the_layers():
    inputs = lamina.Input((5,))
    first, second = layers.Dense(5, name="first"), layers.Dense(5, name="second")
    outputs = second(first(inputs))
    first.nodes[0].inputs[:] = [outputs]
    with pytest.raises(ShapeError, match=r"has a cycle: 'second' <- 'first' <- 'second'"):
        lamina.Model(inputs, outputs)


def test_names_that_are_used_twice():
    inputs = lamina.Input((5,))
    outputs = layers.Dropout(0.1, name="same")(layers.Dense(2, name="same")(inputs))
    with pytest.raises(ArgumentError, match=r"(?s)2 layers of the model have the name 'same' \(Dense, Dropout\)"):
        lamina.Model(inputs, outputs)


@pytest.mark.parametrize("what", ["inputs", "outputs"])
@pytest.mark.parametrize(
    ("given", "kind"), [(X, "ndarray"), (layers.Dense(1), "Dense"), (None, "NoneType"), ("x", "str")]
)
def test_what_is_no_symbolic_tensor(what, given, kind):
    inputs = lamina.Input((5,))
    both = {"inputs": [inputs], "outputs": [layers.Dense(1)(inputs)]}
    both[what] = [given]
    with pytest.raises(ShapeError, match=rf"(?s)The {what} of a model are symbolic tensors. Received: {kind}"):
        lamina.Model(**both)


def test_nothing_is_no_model():
    with pytest.raises(ShapeError, match=r"needs inputs. Received: inputs=\[\]"):
        lamina.Model([], lamina.Input((5,)))


def test_words_that_keras_3_does_not_take():
    inputs = lamina.Input((5,))
    with pytest.raises(TypeError, match=r"(?s)Model has no argument 'input'.*did you mean inputs"):
        lamina.Model(input=inputs, output=inputs)


@pytest.mark.parametrize("merge", [layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Subtract])
def test_shapes_that_do_not_merge(merge):
    one, two = lamina.Input((5,), name="left"), lamina.Input((3,), name="right")
    with pytest.raises(ShapeError, match=r"(?s)'merged'.*'left'.*5.*'right'.*3"):
        merge(name="merged")(
            [layers.Activation("relu", name="left")(one), layers.Activation("relu", name="right")(two)]
        )


def test_shapes_that_do_not_concatenate():
    one, two = lamina.Input((5, 2), name="left"), lamina.Input((3, 2), name="right")
    with pytest.raises(ShapeError, match=r"(?s)'joined'.*5, 2.*3, 2"):
        layers.Concatenate(name="joined")([one, two])


def test_a_model_inside_refuses_other_shapes():
    inner = lamina.Sequential([lamina.Input((5,)), layers.Dense(3)], name="inner")
    with pytest.raises(ShapeError, match=r"(?s)'inner'.*5.*3"):
        inner(lamina.Input((3,)))


def test_what_hangs_beside_a_graph_is_not_part_of_it():
    model = wide_and_deep()
    before = len(model.layers)
    model.extra = layers.Dense(3)
    assert len(model.layers) == before
    with pytest.raises(AttributeError, match="cannot be set"):
        model.layers = []


def test_get_layer():
    model = wide_and_deep()
    assert model.get_layer("side") is model.get_layer(index=-1)
    with pytest.raises(UnknownNameError, match=r"(?s)no layer 'sid'.*did you mean side"):
        model.get_layer("sid")
    with pytest.raises(ArgumentError, match="no layer number 99: the model has 7 layers"):
        model.get_layer(index=99)
    with pytest.raises(ArgumentError, match="a name or an index"):
        model.get_layer()
