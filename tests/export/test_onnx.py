"""What ONNX's runtime computes is what the model computes, for batches of any size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, ExportError, MissingExtraError, NotBuiltError

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

ACTIVATIONS = (
    *(
        "celu",
        "elu",
        "exponential",
        "gelu",
        "glu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_tanh",
        "leaky_relu",
    ),
    *(
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_shrink",
        "softmax",
    ),
    *("softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink"),
)

# Each layer with the shape of what it takes, without the batch; integers where their dtype says so.
ONE_INPUT = {
    "dense": (layers.Dense(4, activation="relu"), (3,)),
    "dense over steps": (layers.Dense(4, use_bias=False), (5, 3)),
    "relu": (layers.ReLU(6.0, negative_slope=0.1, threshold=0.2), (6,)),
    "leaky relu": (layers.LeakyReLU(0.3), (6,)),
    "prelu": (layers.PReLU(shared_axes=[1]), (4, 6)),
    "elu": (layers.ELU(0.5), (6,)),
    "softmax": (layers.Softmax(axis=1), (4, 6)),
    "batch normalization": (layers.BatchNormalization(), (5, 6)),
    "layer normalization": (layers.LayerNormalization(axis=(1, 2)), (5, 6)),
    "group normalization": (layers.GroupNormalization(2), (5, 6)),
    "rms normalization": (layers.RMSNormalization(), (5, 6)),
    "unit normalization": (layers.UnitNormalization(), (5, 6)),
    "spectral normalization": (layers.SpectralNormalization(layers.Dense(3)), (6,)),
    "normalization": (layers.Normalization(mean=[1.0, 2.0], variance=[2.0, 3.0]), (5, 2)),
    "rescaling": (layers.Rescaling(2.0, 1.0), (3,)),
    "dropout": (layers.Dropout(0.5), (3,)),
    "noise": (layers.GaussianNoise(0.5), (3,)),
    "gaussian dropout": (layers.GaussianDropout(0.5), (3,)),
    "alpha dropout": (layers.AlphaDropout(0.5), (3,)),
    "spatial dropout": (layers.SpatialDropout2D(0.5), (3, 3, 2)),
    "activity regularization": (layers.ActivityRegularization(0.1), (3,)),
    "identity": (layers.Identity(), (3,)),
    "masking": (layers.Masking(), (5, 6)),
    "flatten": (layers.Flatten(), (5, 6)),
    "reshape": (layers.Reshape((3, -1)), (5, 6)),
    "permute": (layers.Permute((2, 1)), (5, 6)),
    "repeat": (layers.RepeatVector(3), (4,)),
    "time distributed": (layers.TimeDistributed(layers.Dense(3)), (5, 6)),
    "einsum": (layers.EinsumDense("abc,cde->abde", (None, 2, 3)), (5, 6)),
    "cropping 1d": (layers.Cropping1D((1, 2)), (5, 6)),
    "cropping 2d": (layers.Cropping2D(1), (5, 6, 2)),
    "cropping 3d": (layers.Cropping3D(1), (4, 4, 4, 2)),
    "zero padding 1d": (layers.ZeroPadding1D((2, 0)), (5, 6)),
    "zero padding 2d": (layers.ZeroPadding2D(((1, 0), (2, 1))), (5, 6, 2)),
    "zero padding 3d": (layers.ZeroPadding3D(1), (3, 3, 3, 2)),
    "upsampling 1d": (layers.UpSampling1D(3), (5, 6)),
    "upsampling 2d": (layers.UpSampling2D((2, 3)), (5, 6, 2)),
    "upsampling bilinear": (layers.UpSampling2D(2, interpolation="bilinear"), (5, 6, 2)),
    "upsampling 3d": (layers.UpSampling3D(2), (2, 2, 2, 2)),
    "discretization": (layers.Discretization(bin_boundaries=[-1.0, 0.0, 2.0]), (3,)),
    "lambda": (layers.Lambda(lambda x: x**2 - 1), (3,)),
    "open steps": (layers.Dense(3, activation="tanh"), (None, 4)),
    "flatten open": (layers.GroupNormalization(1), (None, 4)),
    "cropping open": (layers.Cropping1D((1, 2)), (None, 4)),
    "normalized steps": (layers.TimeDistributed(layers.BatchNormalization()), (3, 4)),
}
ONE_INPUT |= {f"activation {name}": (layers.Activation(name), (6,)) for name in ACTIVATIONS}
OF_INTEGERS = {
    "embedding": (layers.Embedding(10, 4), (5,)),
    "embedding with mask": (layers.Embedding(10, 4, mask_zero=True), (5,)),
    "one hot": (layers.CategoryEncoding(10, output_mode="one_hot"), (1,)),
    "multi hot": (layers.CategoryEncoding(10), (3,)),
    "count": (layers.CategoryEncoding(10, output_mode="count"), (3,)),
}
MERGING = (
    *(layers.Add(), layers.Average(), layers.Maximum(), layers.Minimum(), layers.Multiply(), layers.Subtract()),
    *(layers.Concatenate(), layers.Dot(1), layers.Dot(1, normalize=True)),
)


def random_input(tensor, rows):
    rng = np.random.default_rng(rows)
    shape = (rows, *(7 if size is None else size for size in tensor.shape[1:]))
    if str(tensor.dtype).startswith("int"):
        return rng.integers(0, 10, shape).astype(tensor.dtype)
    return rng.normal(0, 2, shape).astype(tensor.dtype)


@pytest.fixture
def check(tmp_path):
    """Exports a model, and compares what it predicts with what the runtime makes of the file."""

    def compare(model, tolerance=1e-5, inputs=None, **options):
        rng = np.random.default_rng(1)
        for variable in model.weights:
            if variable.dtype.startswith("float"):
                variable.assign(np.abs(rng.normal(0.3, 0.3, variable.shape)) + 0.05)
        path = tmp_path / "model.onnx"
        model.export(path, **options)
        onnx.checker.check_model(onnx.load(path), full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for rows in (1, 6):
            given = [random_input(tensor, rows) for tensor in (inputs or model.inputs)]
            expected = jax.tree.leaves(model.predict(given if len(given) > 1 else given[0], verbose=0))
            names = [tensor.name for tensor in session.get_inputs()]
            found = session.run(None, dict(zip(names, given, strict=True)))
            assert len(found) == len(expected)
            for ours, theirs in zip(expected, found, strict=True):
                assert theirs.dtype == ours.dtype
                np.testing.assert_allclose(theirs, ours, atol=tolerance, rtol=tolerance)
        return session

    return compare


@pytest.mark.parametrize("name", ONE_INPUT)
def test_layers_of_one_input(name, check):
    layer, shape = ONE_INPUT[name]
    x = lamina.Input(shape)
    check(lamina.Model(x, layer(x)))


@pytest.mark.parametrize("name", OF_INTEGERS)
def test_layers_of_integers(name, check):
    layer, shape = OF_INTEGERS[name]
    x = lamina.Input(shape, dtype="int32")
    check(lamina.Model(x, layer(x)))


@pytest.mark.parametrize("layer", MERGING, ids=lambda layer: layer.name)
def test_layers_of_several_inputs(layer, check):
    inputs = [lamina.Input((4,), name="one"), lamina.Input((4,), name="two")]
    session = check(lamina.Model(inputs, layer(inputs)))
    assert [tensor.name for tensor in session.get_inputs()] == ["one", "two"]


def test_open_sizes_that_have_to_be_equal(check):
    inputs = [lamina.Input((None, 4)), lamina.Input((None, 4))]
    check(lamina.Model(inputs, layers.Add()(inputs)))


def image_kernel(*shape):
    return jnp.asarray(np.random.default_rng(2).normal(size=shape), "float32")


def convolve(x, kernel=(3, 3, 2, 4), **options):
    numbers = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, image_kernel(*kernel), dimension_numbers=numbers, **options)


def recurrent(x, reverse=False):
    weight = image_kernel(2, 2)

    def step(state, row):
        state = jnp.tanh(state @ weight + row)
        return state, state * 2

    rows = jnp.moveaxis(x.reshape(x.shape[0], -1, 2), 1, 0)
    last, all_rows = lax.scan(step, jnp.zeros_like(rows[0]), rows, reverse=reverse)
    return last + jnp.sum(all_rows, 0) + all_rows[0]


IMAGES = {
    "convolution": lambda x: convolve(x, window_strides=(1, 1), padding="SAME"),
    "strided convolution": lambda x: convolve(x, window_strides=(2, 1), padding="VALID", rhs_dilation=(2, 1)),
    "grouped convolution": lambda x: convolve(
        x, (3, 3, 1, 4), window_strides=(1, 1), padding="SAME", feature_group_count=2
    ),
    "transposed convolution": lambda x: convolve(
        x, window_strides=(1, 1), padding=[(2, 1), (-1, 2)], lhs_dilation=(2, 2)
    ),
    "greatest of windows": lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 3, 1), (1, 2, 1, 1), "SAME"),
    "least of windows": lambda x: lax.reduce_window(x, jnp.inf, lax.min, (1, 2, 2, 1), (1, 1, 2, 1), "VALID"),
    "sum of windows": lambda x: lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "SAME"),
    "scan": recurrent,
    "backward scan": lambda x: recurrent(x, reverse=True),
    "loop": lambda x: lax.while_loop(lambda v: jnp.sum(v) > 1, lambda v: v / 2, jnp.abs(x)),
    "counted loop": lambda x: lax.fori_loop(0, 3, lambda i, v: v * 0.5 + i, x),
    "branch": lambda x: lax.cond(jnp.sum(x) > 0, jnp.exp, jnp.negative, x),
    "switch": lambda x: lax.switch(x.shape[1] - 4 + (x[0, 0, 0, 0] > 0), [jnp.exp, jnp.negative, jnp.abs], x),
    "sort": lambda x: jnp.sort(x, axis=2) + jnp.argsort(x, axis=1),
    "sort down": lambda x: jnp.sort(x, axis=1, descending=True),
    "top": lambda x: lax.top_k(x, 2)[0] + lax.top_k(x, 2)[1],
    "running sum": lambda x: jnp.cumsum(x, 1) + lax.cumsum(x, 2, reverse=True),
    "greatest place": lambda x: jnp.argmax(x, 1)[:, :5] - jnp.argmin(x, 2),
    "any and all": lambda x: jnp.any(x > 1, 1).astype("float32") - jnp.all(x > -1, 1)[:, :, :1],
    "product": lambda x: jnp.prod(x, axis=(1, 3)),
    "part": lambda x: lax.dynamic_slice_in_dim(x, jnp.int32(9), 3, 1),
    "changed part": lambda x: lax.dynamic_update_slice_in_dim(x, x[:, :2] * 2, jnp.int32(2), 1),
    "chosen": lambda x: x[:, jnp.array([2, 0, -1])][:, :, jnp.array([1, 1])],
    "pairs": lambda x: x[:, jnp.array([0, 1]), jnp.array([2, 3])],
    "out of range": lambda x: jnp.take(x, jnp.array([1, 9]), 1, mode="clip"),
    "added": lambda x: x.at[:, 1].add(1.0).at[:, 2].set(0.0).at[:, 3].subtract(2.0),
    "stacked": lambda x: jnp.stack([x, 2 * x], 2) + jnp.tile(x, (1, 1, 2, 1)).reshape(-1, 5, 2, 6, 2),
    "taken apart": lambda x: sum(n * part for n, part in enumerate(jnp.unstack(x, axis=1))),
    "interior padding": lambda x: lax.pad(x, 1.0, [(0, 0, 0), (1, -1, 2), (0, 2, 1), (0, 0, 0)]),
    "reversed": lambda x: x[:, ::-1, ::-2],
    "round": lambda x: jnp.round(x) + lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO) + jnp.floor(x) + jnp.ceil(x),
    "remainders": lambda x: lax.rem(x, jnp.float32(0.7)) + jnp.mod(x, 0.7) + x // 0.3,
    "functions": lambda x: jnp.sin(x) + jnp.arctan2(x, x + 1) + jnp.cbrt(x) + jnp.exp2(x) + lax.erfc(x) + jnp.expm1(x),
    "logic": lambda x: ((x > 0) ^ (x < 1)) & ~jnp.isnan(x) | (jnp.isfinite(x) != (x >= 2)),
    "integers": lambda x: (x.astype("int32") & 3) | jnp.clip(x.astype("int32"), -1, 1),
    "products": lambda x: jnp.einsum("bhwc,bwhd->bcd", x, jnp.swapaxes(x, 1, 2)) @ image_kernel(2, 3),
    "size": lambda x: x.reshape(-1, 2) / x.shape[0],
    "joined with rows": lambda x: x.reshape(x.shape[0] * 5, -1).sum(1).reshape(-1, 5),
    "count up": lambda x: x + jnp.arange(x.shape[0], dtype="float32")[:, None, None, None],
    "sizes": lambda x: (
        x + jnp.ones((x.shape[0], 1, 6, 2)) * (2 * x.shape[0] + 1) + jnp.zeros(x.shape[0] // 2 + 1).sum()
    ),
}


class Function(layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x):
        return self.function(x)


@pytest.mark.parametrize("name", IMAGES)
def test_functions_of_jax(name, check):
    x = lamina.Input((5, 6, 2))
    check(lamina.Model(x, Function(IMAGES[name])(x)), 2e-5)


# -- models ------------------------------------------------------------------------------------------------------------


def small_model():
    return lamina.Sequential(
        [lamina.Input((3,), name="features"), layers.Dense(4, name="hidden"), layers.Dense(1, name="out")]
    )


def test_tensors_have_the_names_of_the_model(check, tmp_path):
    session = check(small_model())
    graph = onnx.load(tmp_path / "model.onnx").graph
    assert {"hidden/kernel", "hidden/bias", "out/kernel", "out/bias"} <= {tensor.name for tensor in graph.initializer}
    assert [(tensor.name, tensor.shape) for tensor in session.get_inputs()] == [("features", ["batch", 3])]
    assert [(tensor.name, tensor.shape) for tensor in session.get_outputs()] == [("out", ["batch", 1])]


def test_nested_shared_and_branched_models(check):
    one, two = lamina.Input((3,)), lamina.Input((3,))
    shared = small_model()
    joined = layers.concatenate([shared(one), shared(two)])
    check(lamina.Model([one, two], [layers.Dense(2)(joined), layers.Dense(1, activation="sigmoid")(one)]))


def test_models_of_dicts(check, tmp_path):
    inputs = {"wide": lamina.Input((2,), name="wide"), "deep": lamina.Input((3,), name="deep")}
    model = lamina.Model(inputs, {"sum": layers.Dense(1)(layers.concatenate([inputs["wide"], inputs["deep"]]))})
    model.export(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    given = {"wide": np.ones((2, 2), "float32"), "deep": np.zeros((2, 3), "float32")}
    np.testing.assert_allclose(session.run(None, given)[0], model.predict(given, verbose=0)["sum"], atol=1e-6)


def test_models_of_ones_own(check):
    class Own(lamina.Model):
        def __init__(self):
            super().__init__()
            self.hidden = layers.Dense(4, activation="relu")
            self.drop = layers.Dropout(0.5)

        def call(self, x, training=None):
            return self.drop(self.hidden(x), training=training) + 1

    model = Own()
    model(np.ones((2, 3), "float32"))
    check(model, inputs=[lamina.Input((3,))])
    check(model, inputs=[lamina.Input((3,))], input_signature=[lamina.Input((3,), name="x")])


def test_half_precision(check):
    x = lamina.Input((3,), dtype="float16")
    check(lamina.Model(x, layers.Dense(2, dtype="float16")(x)), 5e-3)


# -- what cannot be exported -------------------------------------------------------------------------------------------


def test_an_unknown_primitive_is_named_with_its_layer(tmp_path):
    x = lamina.Input((3,))
    model = lamina.Model(x, Function(lax.lgamma, name="odd")(layers.Dense(3)(x)))
    with pytest.raises(ExportError, match="no operators for the primitive 'lgamma' that layer 'odd' uses") as refused:
        model.export(tmp_path / "model.onnx")
    assert "stablehlo" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_primitive_inside_of_another_program_is_named_with_its_layer(tmp_path):
    x = lamina.Input((3,))
    model = lamina.Model(x, layers.Dense(1)(Function(jax.jit(lambda x: jax.jit(lax.digamma)(x)), name="odd")(x)))
    with pytest.raises(ExportError, match="'digamma' that layer 'odd' uses"):
        model.export(tmp_path / "model.onnx")


def test_complex_numbers_are_refused(tmp_path):
    x = lamina.Input((3,))
    model = lamina.Model(x, Function(lambda x: jnp.abs(x + 1j), name="odd")(x))
    with pytest.raises(ExportError, match="no complex numbers, but layer 'odd'"):
        model.export(tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("path", "format", "words"),
    [
        ("folder", None, "SavedModel of TensorFlow"),
        ("folder", "tf_saved_model", "SavedModel of TensorFlow"),
        ("file", "openvino", "the format 'openvino'"),
        ("file.pb", None, "names no format"),
        ("file", "onyx", "no format 'onyx'"),
    ],
)
def test_other_formats_are_refused(path, format, words):
    with pytest.raises(ArgumentError, match=words) as refused:
        small_model().export(path, format=format)
    assert "onnx" in refused.value.hint


def test_what_depends_on_open_sizes_is_refused(tmp_path):
    x = lamina.Input((None, 3))
    model = lamina.Model(x, Function(lambda x: x[:, :2] if x.shape[1] and x.shape[1] > 2 else x)(x))
    with pytest.raises(ExportError, match=r"depends on a size that is left open: .*'size_1'") as refused:
        model.export(tmp_path / "model.onnx")
    assert "input_signature" in refused.value.hint


def test_a_model_without_weights_is_refused():
    with pytest.raises(NotBuiltError, match="not built yet, so there is nothing to export"):
        lamina.Sequential([layers.Dense(1)]).export("model.onnx")


@pytest.mark.parametrize("version", [12, 999, "18"])
def test_operators_that_are_too_old_or_yet_to_come_are_refused(tmp_path, version):
    with pytest.raises(ArgumentError, match="opset_version must be 18 to "):
        small_model().export(tmp_path / "model.onnx", opset_version=version)


def test_a_signature_that_is_none_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"says what inputs look like\. Received: 'x'"):
        small_model().export(tmp_path / "model.onnx", input_signature="x")


def test_the_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"lamina\[onnx\]"):
        small_model().export(tmp_path / "model.onnx")
