import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import (
    ArgumentError,
    NotBuiltError,
    ReservedNameError,
    ShapeError,
    UnknownAttributeError,
    UnknownNameError,
)

x = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
y = x.sum(axis=1, keepdims=True)


@pytest.fixture
def model():
    return lamina.Sequential(
        [layers.Input((3,)), layers.Dense(4, activation="tanh", name="hidden"), layers.Dense(1, name="head")]
    )


def deferred():
    return lamina.Sequential([layers.Dense(4, name="hidden"), layers.Dense(1, name="head")])


# -- the stack ------------------------------------------------------------------------------------------------


def test_layers_come_as_a_list_or_one_by_one(model):
    added = lamina.Sequential()
    added.add(layers.Input((3,)))
    added.add(layers.Dense(4, activation="tanh"))
    added.add(layers.Dense(1))
    added.set_weights(model.get_weights())
    np.testing.assert_array_equal(added(x), model(x))


def test_the_input_is_no_layer_of_the_stack(model):
    assert [layer.name for layer in model.layers] == ["hidden", "head"]
    assert isinstance(model.layers, list)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop(),
        lambda found: found.append(layers.Dense(1)),
        lambda found: found.__setitem__(0, layers.Dense(1)),
        lambda found: found.__iadd__([layers.Dense(1)]),
    ],
)
def test_the_list_of_layers_cannot_be_changed(model, change):
    with pytest.raises(ReservedNameError, match=r"(?s)cannot be changed.*pop\(\) of a Sequential"):
        change(model.layers)
    assert len(model.layers) == 2
    assert type(model.layers[:]) is list
    assert [*model.layers, 1][-1] == 1


def test_layers_cannot_be_set(model):
    with pytest.raises(ReservedNameError, match=r"(?s)Sequential.layers tells.*under another name"):
        model.layers = [layers.Dense(1)]
    assert len(model.weights) == 4
    assert len(model.flatten_layers()) == 3


@pytest.mark.usefixtures("optimized")
def test_pop_takes_the_top_off_and_the_model_goes_on_from_there(model):
    hidden = model.layers[0]
    taken = model.pop()
    assert taken.name == "head"
    assert model.output_shape == (None, 4)
    assert len(model.weights) == 2
    np.testing.assert_array_equal(model(x), hidden(x))
    model.add(layers.Dense(2, name="new"))
    assert model.output_shape == (None, 2)
    assert model(x).shape == (8, 2)


def test_a_model_trains_on_after_pop_and_add(model):
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)
    model.pop()
    model.add(layers.Dense(1, name="new"))
    model.compile("sgd", "mse")
    before = model.get_layer("new").get_weights()
    model.fit(x, y, verbose=0)
    assert not np.array_equal(before[0], model.get_layer("new").get_weights()[0])


def test_pop_of_nothing():
    with pytest.raises(ArgumentError, match="has no layers"):
        lamina.Sequential(name="empty").pop()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (layers.Dense, r"(?s)Dense is a class, not a layer.*Dense\(\.\.\.\)"),
        (3, "takes layers only. Received: 3"),
        (len, r"(?s)function.*Activation"),
    ],
)
def test_only_layers_can_be_added(wrong, message):
    with pytest.raises(ValueError, match=message):
        lamina.Sequential().add(wrong)


def test_two_layers_of_one_name_are_refused():
    with pytest.raises(ValueError, match="There is a layer named 'same'"):
        lamina.Sequential([layers.Dense(1, name="same"), layers.Dense(2, name="same")])


def test_one_layer_cannot_be_stacked_twice(model):
    with pytest.raises(ValueError, match="layer named 'hidden'"):
        model.add(model.layers[0])


def test_a_second_input_is_refused(model):
    with pytest.raises(ArgumentError, match="has layers already, so an input cannot be added"):
        model.add(layers.Input((3,)))


def test_names_are_given_or_counted():
    lamina.backend.clear_session()
    assert lamina.Sequential(name="mine").name == "mine"
    first, second = lamina.Sequential([layers.Dense(1), layers.Dense(1)]), lamina.Sequential()
    assert (first.name, second.name) == ("sequential", "sequential_1")
    assert [layer.name for layer in first.layers] == ["dense", "dense_1"]


def test_layers_by_name_and_place(model):
    assert model.get_layer("hidden") is model.layers[0]
    assert model.get_layer(index=1) is model.layers[1]
    assert model.get_layer(index=-1) is model.layers[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "hiden"}, r"(?s)no layer 'hiden'.*did you mean hidden\?"),
        ({"index": 2}, "no layer number 2: the model has 2 layers"),
        ({}, "takes a name or an index"),
        ({"name": "head", "index": 1}, "takes a name or an index"),
    ],
)
def test_layers_that_are_not_there(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        model.get_layer(**arguments)


# -- building -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        lambda: [layers.Input((3,)), layers.Dense(4)],
        lambda: [lamina.Input(shape=[3]), layers.Dense(4)],
        lambda: [layers.InputLayer(shape=(3,)), layers.Dense(4)],
        lambda: [layers.InputLayer(input_shape=(3,)), layers.Dense(4)],
        lambda: [layers.InputLayer(input_shape=[3]), layers.Dense(4)],
        lambda: [layers.Dense(4, input_shape=(3,))],
        lambda: [layers.Dense(4, input_shape=[3])],
        lambda: [layers.Dense(4, input_dim=3)],
        lambda: [layers.Dense(4, batch_input_shape=(None, 3))],
        lambda: [layers.Dropout(0.5, input_shape=(3,)), layers.Dense(4)],
    ],
)
def test_ways_to_tell_the_input_shape(first):
    model = lamina.Sequential(first())
    assert model.built
    assert model.input_shape == (None, 3)
    assert model.output_shape == (None, 4)
    assert model.count_params() == 16


@pytest.mark.parametrize("way", ["build", "call", "fit", "evaluate", "predict", "train_on_batch"])
def test_ways_to_build_later(way):
    model = deferred()
    model.compile("sgd", "mse")
    assert not model.built
    assert model.weights == []
    actions = {
        "build": lambda: model.build((None, 3)),
        "call": lambda: model(x),
        "fit": lambda: model.fit(x, y, verbose=0),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "train_on_batch": lambda: model.train_on_batch(x, y),
    }
    actions[way]()
    assert model.built
    assert model.count_params() == 21
    assert model.input_shape[1:] == (3,)
    assert model(x[:5]).shape == (5, 1)


def test_a_model_that_was_built_by_one_batch_takes_batches_of_other_sizes():
    model = deferred()
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=3, verbose=0)
    assert model.predict(x, verbose=0).shape == (8, 1)
    assert model.fit(x[:5], y[:5], batch_size=5, verbose=0).history["loss"][0] > 0


def test_layers_can_be_added_to_a_model_that_was_built_later():
    model = deferred()
    model.build((None, 3))
    model.add(layers.Dense(2, name="more"))
    assert model.output_shape == (None, 2)
    assert len(model.weights) == 6


def test_a_model_before_it_is_built():
    model = deferred()
    for action in (lambda: model.input_shape, lambda: model.output, lambda: model.count_params()):
        with pytest.raises(NotBuiltError, match=r"(?s)Sequential '.*not built|no weights yet"):
            action()
    with pytest.raises(ShapeError, match=r"(?s)has 0 weights, but 4 were given.*build the model first"):
        model.set_weights([np.zeros(1)] * 4)
    with pytest.raises(ArgumentError, match="input shape is unknown"):
        model.build()


def test_a_model_without_layers_cannot_be_built():
    model = lamina.Sequential()
    with pytest.raises(ArgumentError, match="has no layers"):
        model.build((None, 3))
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="has no layers"):
        model.fit(x, y, verbose=0)


def test_a_first_layer_that_cannot_take_the_input_tells_so():
    with pytest.raises(ShapeError, match=r"Dense 'dense.*at least 2 axes"):
        lamina.Sequential([layers.Input(()), layers.Dense(1)])


# -- weights --------------------------------------------------------------------------------------------------


def test_weights_come_in_the_order_of_layers(model):
    assert [w.path for w in model.weights] == ["hidden/kernel", "hidden/bias", "head/kernel", "head/bias"]
    assert [tuple(w.shape) for w in model.weights] == [(3, 4), (4,), (4, 1), (1,)]


def test_weights_are_copied_out_and_in(model):
    weights = model.get_weights()
    weights[0][:] = 7
    assert not np.any(model.get_weights()[0] == 7)
    model.set_weights(weights)
    np.testing.assert_array_equal(model.layers[0].kernel.numpy(), np.full((3, 4), 7))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([np.zeros((3, 4))], "has 4 weights, but 1 were given"),
        ([np.zeros((4, 3)), np.zeros(4), np.zeros((4, 1)), np.zeros(1)], r"'hidden/kernel' has shape \(3, 4\)"),
    ],
)
def test_weights_that_do_not_fit_change_nothing(model, weights, message):
    before = model.get_weights()
    with pytest.raises(ShapeError, match=message):
        model.set_weights(weights)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_frozen_layer_is_not_trained(model):
    model.layers[0].trainable = False
    assert [w.path for w in model.trainable_weights] == ["head/kernel", "head/bias"]
    assert [w.path for w in model.non_trainable_weights] == ["hidden/kernel", "hidden/bias"]
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [True, True, False, False]


def test_a_frozen_model_freezes_its_layers(model):
    model.trainable = False
    assert model.trainable_weights == []
    assert not any(layer.trainable for layer in model.layers)


# -- calling --------------------------------------------------------------------------------------------------


def test_a_call_is_what_the_layers_compute_one_by_one(model):
    by_hand = x
    for layer in model.layers:
        by_hand = layer(by_hand)
    np.testing.assert_allclose(model(x), by_hand, rtol=1e-6)
    np.testing.assert_allclose(model.predict(x, verbose=0), by_hand, rtol=1e-6)
    model.run_eagerly = True
    np.testing.assert_allclose(model(x), by_hand, rtol=1e-6)


def test_dropout_drops_in_training_only():
    model = lamina.Sequential([layers.Input((100,)), layers.Dropout(0.5, seed=1)])
    ones = np.ones((2, 100), "float32")
    np.testing.assert_array_equal(model(ones), ones)
    np.testing.assert_array_equal(model(ones, training=False), ones)
    first, second = np.asarray(model(ones, training=True)), np.asarray(model(ones, training=True))
    assert set(np.unique(first)) == {0, 2}
    assert not np.array_equal(first, second)


def test_eager_dropout_goes_on_from_compiled_dropout():
    def draws(eager):
        model = lamina.Sequential([layers.Input((100,)), layers.Dropout(0.5, seed=1)])
        ones = np.ones((2, 100), "float32")
        found = []
        for step in range(3):
            model.run_eagerly = eager and step == 1
            found.append(np.asarray(model(ones, training=True)))
        return found

    np.testing.assert_array_equal(draws(False), draws(True))


def test_losses_are_penalties_and_what_layers_added():
    model = lamina.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(2, kernel_initializer="ones", kernel_regularizer=lamina.regularizers.L2(0.5), name="d"),
            layers.Activation("linear", activity_regularizer=lamina.regularizers.L1(1.0)),
        ]
    )
    assert [float(loss) for loss in model.losses] == [3.0]
    model(np.ones((1, 3), "float32"))
    assert sorted(float(loss) for loss in model.losses) == [3.0, 6.0]
    model(np.zeros((1, 3), "float32"))
    assert sorted(float(loss) for loss in model.losses) == [0.0, 3.0]


@pytest.mark.parametrize("call", ["__call__", "predict"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 4), "float32"), r"expects|was built for.*3.*float32\[2, 4\]"),
        (np.zeros((2, 3, 3), "float32"), r"float32\[2, 3, 3\]"),
        (np.array([["a", "b", "c"]]), "holds no numbers|strings|dtype"),
    ],
)
def test_inputs_that_do_not_fit(model, call, wrong, message):
    with pytest.raises(ValueError, match=message) as caught:
        getattr(model, call)(wrong)
    assert model.name in str(caught.value) or "x" in str(caught.value)


def test_a_missing_flatten_is_named():
    model = lamina.Sequential([layers.Input((6,)), layers.Dense(1)])
    with pytest.raises(ShapeError, match="put a Flatten layer before"):
        model(np.zeros((5, 2, 3), "float32"))


# -- shapes ---------------------------------------------------------------------------------------------------


def test_shapes_and_symbolic_tensors(model):
    assert model.input_shape == (None, 3)
    assert model.output_shape == (None, 1)
    assert model.inputs == [model.input]
    assert model.outputs == [model.output]
    assert model.layers[1].input is model.layers[0].output
    assert model.compute_output_shape((7, 3)) == (7, 1)


# -- configs --------------------------------------------------------------------------------------------------


def test_a_config_makes_an_equal_model(model):
    config = model.get_config()
    again = lamina.Sequential.from_config(config)
    assert again.name == model.name
    assert again.get_config() == config
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(x), model(x))


def test_the_config_of_a_model_that_was_built_later_builds_it():
    model = deferred()
    assert not lamina.Sequential.from_config(model.get_config()).built
    model.build((None, 3))
    again = lamina.Sequential.from_config(model.get_config())
    assert again.input_shape == (None, 3)
    assert [w.path for w in again.weights] == [w.path for w in model.weights]


def test_nested_models_are_layers(model):
    outer = lamina.Sequential([layers.Input((3,)), model, layers.Dense(2)])
    assert outer.layers[0] is model
    assert len(outer.weights) == 6
    assert outer(x).shape == (8, 2)
    assert lamina.Sequential.from_config(outer.get_config()).get_config() == outer.get_config()


def test_a_summary_goes_where_it_is_told(model, capsys):
    texts = []
    model.summary(print_fn=texts.append)
    assert capsys.readouterr().out == ""
    assert "hidden (Dense)" in texts[0]
    model.summary()
    assert "hidden (Dense)" in capsys.readouterr().out


# -- misspellings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"), [("complie", "compile"), ("pedict", "predict"), ("layer", "layers"), ("weigths", "weights")]
)
def test_misspelt_attributes(model, wrong, right):
    with pytest.raises(
        UnknownAttributeError, match=f"(?s)Sequential has no attribute '{wrong}'.*did you mean.*{right}"
    ):
        getattr(model, wrong)
    assert not hasattr(model, wrong)


def test_misspelt_layers():
    with pytest.raises(UnknownAttributeError, match=r"(?s)'Dens'.*did you mean Dense\?"):
        layers.Dens(3)
    with pytest.raises(UnknownNameError, match=r"(?s)'rellu'.*relu"):
        layers.Dense(3, activation="rellu")


def test_misspelt_arguments(model):
    with pytest.raises(TypeError, match=r"(?s)no argument 'line_lenght'.*line_length"):
        model.summary(line_lenght=3)
    with pytest.raises(TypeError, match=r"(?s)Sequential\(\) has no argument 'layer'.*did you mean layers"):
        lamina.Sequential(layer=[])


def test_a_layer_added_after_compile_is_trained_or_refused():
    model = lamina.Sequential([layers.Dense(3, input_shape=(2,))])
    model.compile("sgd", "mse")
    model.add(layers.Dense(1))
    before = model.layers[1].get_weights()[0]
    model.fit(np.ones((8, 2)), np.ones((8, 1)), verbose=0)
    assert not np.array_equal(before, model.layers[1].get_weights()[0])
    model.add(layers.Dense(1))
    with pytest.raises(ArgumentError, match=r"(?s)built for other variables.*with a new optimizer"):
        model.fit(np.ones((8, 2)), np.ones((8, 1)), verbose=0)


def test_a_dict_names_the_one_input():
    model = lamina.Sequential([lamina.Input((3,), name="pixels"), layers.Dense(1)], name="net")
    rows = np.ones((2, 3), "float32")
    assert np.array_equal(model({"pixels": rows}), model(rows))
    with pytest.raises(
        UnknownNameError, match=r"(?s)'net' has the one input 'pixels', but got a dict of 'other'.*array"
    ):
        model({"other": rows})
