"""Models travel between lamina and Keras as JSON, and mean the same in both."""

import json

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's variables

RNG = np.random.default_rng(0)
A, B = (RNG.normal(size=(7, n)).astype("float32") for n in (4, 3))


def dense(k, units, name, **kwargs):
    return k.layers.Dense(units, name=name, **kwargs)


def stack(k):
    layers = [k.layers.Input((4,)), dense(k, 3, "one", activation="relu"), dense(k, 2, "two")]
    return k.Sequential([*layers, k.layers.Softmax(name="soft")], name="stack")


def unbuilt_stack(k):
    return k.Sequential([dense(k, 3, "one"), k.layers.Dropout(0.2, name="drop"), dense(k, 1, "two")], name="unbuilt")


def chain(k):
    inputs = k.Input((4,), name="given")
    hidden = dense(k, 3, "hidden", kernel_initializer="he_normal", kernel_regularizer=k.regularizers.L2(0.01))(inputs)
    return k.Model(inputs, dense(k, 1, "head")(k.layers.Dropout(0.5, name="drop")(hidden)), name="chain")


def wide_and_deep(k):
    wide, deep = k.Input((4,), name="wide"), k.Input((3,), name="deep")
    hidden = dense(k, 5, "hidden", activation="relu")(deep)
    both = k.layers.concatenate([wide, hidden], name="both")
    return k.Model([wide, deep], [dense(k, 1, "main")(both), dense(k, 1, "side")(hidden)], name="wide_and_deep")


def dicts(k):
    one, two = k.Input((4,), name="b"), k.Input((3,), name="a")
    return k.Model(
        {"b": one, "a": two}, {"z": dense(k, 2, "z")(one), "y": {"deep": dense(k, 1, "y")(two)}}, name="dicts"
    )


def tuples(k):
    one, two = k.Input((4,), name="one"), k.Input((3,), name="two")
    return k.Model((one, two), (dense(k, 1, "p")(one), dense(k, 1, "q")(two)), name="tuples")


def list_of_one(k):
    inputs = k.Input((4,), name="given")
    return k.Model([inputs], [dense(k, 2, "head")(inputs)], name="list_of_one")


def shared(k):
    one, two = k.Input((4,), name="one"), k.Input((4,), name="two")
    layer = dense(k, 4, "shared")
    once = layer(one)
    return k.Model([one, two], k.layers.Subtract(name="less")([layer(once), layer(two)]), name="shared")


def shared_with_others(k):
    inputs = k.Input((4,), name="given")
    layer = dense(k, 4, "shared")
    layer(inputs)
    second = layer(k.Input((4,), name="elsewhere"))
    del second
    return k.Model(inputs, layer(layer(inputs)), name="third_call_on")


def nested(k):
    inner = k.Sequential([k.layers.Input((4,), name="inside"), dense(k, 3, "first")], name="inner")
    one, two = k.Input((3,), name="x"), k.Input((3,), name="y")
    added = k.Model([one, two], [k.layers.Add(name="plus")([one, two]), one], name="added")
    inputs = k.Input((4,), name="given")
    hidden = inner(inputs)
    total, again = added([hidden, dense(k, 3, "beside")(inputs)])
    return k.Model(inputs, [dense(k, 1, "head")(total), again], name="nested")


def nested_output(k):
    one = k.Input((4,), name="x")
    inner = k.Model(one, dense(k, 2, "first")(one), name="inner")
    inputs = k.Input((4,), name="given")
    return k.Model(inputs, inner(inputs), name="nested_output")


def operators(k):
    inputs = k.Input((4,), name="given")
    x = dense(k, 4, "hidden")(inputs)
    y = (1 - x * 2.0) / 3 + (-x) ** 2
    y = k.ops.where(y > 0, y, 0.5)
    y = k.ops.concatenate([y, y[:, 1:3]], axis=-1)
    return k.Model(inputs, [k.ops.mean(y, axis=1, keepdims=True), k.ops.relu(y), y[..., 0]], name="operators")


def keywords(k):
    inputs = k.Input((4,), name="given")
    x = k.layers.Dropout(0.5, seed=1, name="always")(inputs, training=True)
    return k.Model(inputs, k.layers.BatchNormalization(name="norm")(x, training=False), name="keywords")


def frozen(k):
    model = chain(k)
    model.get_layer("hidden").trainable = False
    return model


def frozen_whole(k):
    model = wide_and_deep(k)
    model.trainable = False
    return model


def compiled(k):
    model = wide_and_deep(k)
    model.compile(
        k.optimizers.SGD(0.5, momentum=0.25),
        loss={"main": "mse", "side": k.losses.MeanAbsoluteError()},
        loss_weights={"main": 0.5, "side": 0.25},
        metrics={"main": ["mae"], "side": [k.metrics.RootMeanSquaredError(name="root")]},
    )
    return model


def features(k):
    model = chain(k)
    return k.Model(model.input, model.get_layer("hidden").output, name="features")


MODELS = [
    *(stack, unbuilt_stack, chain, wide_and_deep, dicts, tuples, list_of_one, shared, shared_with_others, nested),
    *(nested_output, operators, keywords, frozen, frozen_whole, compiled, features),
]


def data_for(model):
    shapes = [tensor.shape for tensor in model.inputs]
    arrays = [A if shape[-1] == 4 else np.concatenate([B, B], axis=1)[:, : shape[-1]] for shape in shapes]
    if model.name == "dicts":
        return dict(zip("ab", arrays, strict=True))
    return arrays if len(arrays) > 1 or model.name == "list_of_one" else arrays[0]


def leaves(structure):
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in leaves(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for part in structure for leaf in leaves(part)]
    return [np.asarray(structure)]


def same_outputs(one, two, x=None):
    two.set_weights([np.asarray(weight.value) for weight in one.weights])
    x = data_for(one) if x is None else x
    for ours, theirs in zip(leaves(one(x)), leaves(two(x)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


# Shapes of layers without weights: Keras notes them for some, and needs them for none. Nor has lamina quantization.
LEFT_OUT = ("build_config", "quantization_config")


def stripped(record):
    if isinstance(record, dict):
        return {key: stripped(item) for key, item in record.items() if key not in LEFT_OUT}
    return [stripped(item) for item in record] if isinstance(record, list) else record


def parsed(model):
    return stripped(json.loads(model.to_json()))


@pytest.fixture(autouse=True)
def fresh_names():
    for k in (keras, lamina):
        k.backend.clear_session(free_memory=False)


@pytest.mark.parametrize("make", MODELS)
def test_the_json_of_keras(make):
    assert parsed(make(lamina)) == parsed(make(keras))


@pytest.mark.parametrize("make", [make for make in MODELS if make is not unbuilt_stack and make is not keywords])
def test_json_is_read_by_the_other(make):
    ours, theirs = make(lamina), make(keras)
    same_outputs(theirs, lamina.models.model_from_json(theirs.to_json()))
    same_outputs(ours, keras.models.model_from_json(ours.to_json()))


@pytest.mark.parametrize("make", MODELS)
def test_json_comes_back(make):
    text = make(lamina).to_json()
    assert lamina.models.model_from_json(text).to_json() == text


# -- summaries ---------------------------------------------------------------------------------------------------


def summary(model, **options):
    printed = []
    model.summary(print_fn=lambda text, **_: printed.append(text), **options)
    return "".join(printed)


@pytest.fixture(scope="module", params=MODELS)
def made(request):
    return request.param(lamina), request.param(keras)


@pytest.mark.parametrize(
    "options",
    [{}, {"expand_nested": True, "show_trainable": True}, {"line_length": 120}, {"layer_range": ("[a-t]", "[a-t]")}],
    ids=str,
)
def test_the_summary_of_keras(made, options, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    ours, theirs = made
    assert summary(ours, **options) == summary(theirs, **options)


def test_the_numbers_of_names_in_keras():
    found = []
    for k in (keras, lamina):
        inputs = k.Input((4,))
        names = [stack(k).name, k.Model(inputs, k.layers.Dense(2)(inputs)).name]
        grown = k.Sequential([k.layers.Dense(2)])
        grown.add(k.layers.Dense(2))
        grown.build((None, 4))
        grown.pop()
        model = k.Model(inputs, grown(inputs))
        names += [grown.name, model.name, *(layer.name for layer in model.layers)]
        names += [k.models.clone_model(model).name, k.Model(model.input, model.layers[-1].output).name]
        found.append(names)
    assert found[1] == found[0]


# -- functions ---------------------------------------------------------------------------------------------------

FUNCTIONS = """
all(x > 0, axis=1) | amax(x, axis=-1) | append(x, x, axis=1) | argmax(x, axis=1) | average(x, axis=1)
broadcast_to(x, (2, 4)) | clip(x, 0, 1) | concatenate([x, x], axis=1) | cumsum(x, axis=1) | diagonal(x, 1) | diff(x)
divide(x, 2) | einsum("ij,ij->i", x, x) | expand_dims(x, 1) | flip(x, axis=1) | full_like(x, 2) | hstack([x, x])
isclose(x, x) | logical_and(x > 0, x > 1) | max(x, axis=1) | maximum(x, 0) | mean(x) | median(x, axis=1) | mod(x, 2)
moveaxis(x, 0, 1) | nan_to_num(x) | outer(x, x) | prod(x, axis=1) | repeat(x, 2, axis=1)
reshape(x, (-1, 2, 2)) | roll(x, 1, axis=1) | round(x, 1) | select([x > 0], [x], 1.0) | split(x, 2, axis=1)
squeeze(expand_dims(x, 1), 1) | stack([x, x], axis=1) | std(x, axis=1) | sum(x, axis=(0, 1)) | swapaxes(x, 0, 1)
take(x, [0, 1], axis=1) | tensordot(x, x, axes=[[1], [1]]) | tile(x, (1, 2)) | transpose(x, (1, 0)) | triu(x, k=1)
var(x, axis=1) | where(x > 0, x, 0.0) | zeros_like(x) | softmax(x, axis=0) | log_softmax(x) | gelu(x) | elu(x, 0.5)
leaky_relu(x, 0.3) | cast(x, "float16") | stop_gradient(x) | unstack(x, axis=1) | normalize(x) | moments(x, axes=[0])
x[:, None, ::2] | x[..., 0] | x @ transpose(x) | -x % 2 // 1 | 2.0**x
""".replace("\n", "|").split("|")
# Keras gives these by keyword, what means the same.
OTHERWISE = ("weights",)


class Names(dict):
    """What an expression may name: `x`, and functions of `ops`."""

    def __init__(self, k):
        super().__init__(x=k.Input((4,), batch_size=2, name="given"))
        self.k = k

    def __missing__(self, name):
        return getattr(self.k.ops, name)


@pytest.mark.parametrize("expression", [text.strip() for text in FUNCTIONS if text.strip()])
def test_functions_in_the_json_of_keras(expression):
    texts, models = [], []
    for k in (keras, lamina):
        names = Names(k)
        models.append(k.Model(names["x"], eval(expression, {}, names), name="model"))
        record = stripped(json.loads(models[-1].to_json()))
        for layer in record["config"]["layers"]:
            for node in layer["inbound_nodes"]:
                node["args"] = [argument for argument in node["args"] if argument is not None]
                node["kwargs"] = {name: value for name, value in node["kwargs"].items() if name not in OTHERWISE}
        texts.append(record)
    assert texts[1] == texts[0]
    theirs, ours = models
    same_outputs(theirs, lamina.models.model_from_json(theirs.to_json()), A[:2])
    same_outputs(ours, keras.models.model_from_json(ours.to_json()), A[:2])
