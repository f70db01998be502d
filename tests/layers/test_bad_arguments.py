"""What layers refuse, and what they say."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError

ARGUMENTS = [
    (lambda: layers.Dropout(1.5), r"Dropout: rate must be a number from 0 to 1. Received: rate=1.5"),
    (lambda: layers.Dropout("much"), r"Dropout: rate .* rate='much'"),
    (lambda: layers.Dropout(0.5, noise_shape="ab"), r"Dropout: noise_shape must be a tuple .* noise_shape='ab'"),
    (
        lambda: layers.Dropout(0.5, noise_shape=(None, 0)),
        r"noise_shape=\(None, 0\)(?s:.*)hint: 1 for an axis that shares",
    ),
    (lambda: layers.AlphaDropout(-0.1), r"AlphaDropout: rate must be a number from 0 to 1. Received: rate=-0.1"),
    (lambda: layers.GaussianDropout(1.0), r"GaussianDropout: rate must be a number from 0 up to, not including, 1"),
    (lambda: layers.GaussianNoise(1.1), r"GaussianNoise: stddev must be a number from 0 to 1. Received: stddev=1.1"),
    (lambda: layers.SpatialDropout2D(2), r"SpatialDropout2D: rate .* rate=2"),
    (lambda: layers.SpatialDropout2D(0.1, "last"), r"SpatialDropout2D: data_format must be one of 'channels_last'"),
    (lambda: layers.ActivityRegularization(l1=-1), r"l1 must be .* zero or above"),
    (lambda: layers.BatchNormalization(momentum=1.2), r"BatchNormalization: momentum must be .* momentum=1.2"),
    (lambda: layers.BatchNormalization(epsilon=-1), r"BatchNormalization: epsilon must be .* epsilon=-1"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"rmx": 1}), r"'rmx'(?s:.*)did you mean rmax"),
    (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 3, "rmax": 1}), r"rmax must not be below"),
    (lambda: layers.GroupNormalization(0), r"GroupNormalization: groups must be a positive integer, or -1.*groups=0"),
    (lambda: layers.SpectralNormalization(layers.Dense(1), 0), r"SpectralNormalization: power_iterations"),
    (lambda: layers.SpectralNormalization("dense"), r"SpectralNormalization wraps a layer. Received: layer='dense'"),
    (lambda: layers.TimeDistributed(3), r"TimeDistributed wraps a layer. Received: layer=3"),
    (lambda: layers.Permute((1, 3)), r"Permute: dims must name each axis .* dims=\(1, 3\)"),
    (lambda: layers.Permute((0, 1)), r"dims=\(0, 1\)(?s:.*)the batch is not named"),
    (lambda: layers.Permute(2), r"Permute: dims .* dims=2"),
    (lambda: layers.RepeatVector(0), r"RepeatVector: n must be a positive integer. Received: n=0"),
    (lambda: layers.Reshape((-1, -1)), r"Reshape: only one axis may be -1"),
    (lambda: layers.Reshape((2, -3)), r"Reshape: target_shape must be an integer, -1 or above"),
    (
        lambda: layers.ZeroPadding1D(-1),
        r"ZeroPadding1D: padding must be an integer, zero or above, a pair .* padding=-1",
    ),
    (lambda: layers.ZeroPadding2D((1, 2, 3)), r"ZeroPadding2D: padding .* 2 pairs .* padding=\(1, 2, 3\)"),
    (lambda: layers.Cropping2D("1"), r"Cropping2D: cropping .* cropping='1'"),
    (lambda: layers.Cropping3D(((1, 1), (1, 1), (1, -1))), r"Cropping3D: cropping"),
    (lambda: layers.UpSampling2D(0), r"UpSampling2D: size must be 2 integers, 1 or above, or one for all. .* size=0"),
    (lambda: layers.UpSampling2D(interpolation="bilinea"), r"interpolation='bilinea'(?s:.*)did you mean bilinear"),
    (lambda: layers.UpSampling3D((1, 2)), r"UpSampling3D: size must be 3 integers"),
    (lambda: layers.Embedding(0, 3), r"Embedding: input_dim must be a positive integer. Received: input_dim=0"),
    (lambda: layers.Embedding(3, 2.5), r"Embedding: output_dim must be .* output_dim=2.5"),
    (lambda: layers.EinsumDense("ab->ac", 3), r"EinsumDense: 'ab->ac' is no equation(?s:.*)the forms are"),
    (lambda: layers.EinsumDense("ab,bc->ad", 3), r"the letter 'd' comes out of 'ab,bc->ad', but does not go in"),
    (lambda: layers.EinsumDense("ab,bcd->ac", 3), r"the letter 'd' of the kernel"),
    (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="x"), r"bias_axes='x' names 'x', no axis of 'ac'"),
    (lambda: layers.Dot(axes=(1, 2, 3)), r"Dot: axes must be an integer or a pair .* axes=\(1, 2, 3\)"),
    (lambda: layers.Dot(axes=0), r"Dot: axis 0 is the batch"),
    (lambda: layers.Masking("a"), r"Masking: mask_value must be a number, or several. Received: mask_value='a'"),
    (lambda: layers.Rescaling(None), r"Rescaling: scale must be a number"),
    (lambda: layers.Dense(2)([[1.0, 2.0]]), r"Dense 'dense\w*' is called on arrays, but got a list with 1.0 in it"),
    (lambda: layers.Dropout(0.5)(None), r"'dropout\w*' is called on arrays, but got None(?s:.*)np.array"),
    (lambda: layers.Lambda("relu"), r"Lambda: function must be a function. Received: function='relu'"),
]


@pytest.mark.parametrize(("make", "message"), ARGUMENTS, ids=[f"{i}" for i in range(len(ARGUMENTS))])
def test_arguments(make, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        make()
    assert isinstance(caught.value, ValueError)


TYPES = [
    (lambda: layers.BatchNormalization(axis=1.5), r"BatchNormalization: axis must be an integer. Received: axis=1.5"),
    (lambda: layers.LayerNormalization(axis="last"), r"LayerNormalization: axis must be an integer or a list"),
    (lambda: layers.UnitNormalization(axis=None), r"UnitNormalization: axis"),
    (lambda: layers.RMSNormalization(axis=[]), r"RMSNormalization: axis"),
    (lambda: layers.RepeatVector(2.0), r"RepeatVector: n must be a positive integer. Received: n=2.0"),
    (lambda: layers.UpSampling1D((2,)), r"UpSampling1D: size must be a positive integer. Received: size=\(2,\)"),
    (lambda: layers.Dot(axes="1"), r"Dot: axes must be an integer or a pair of integers. Received: axes='1'"),
]


@pytest.mark.parametrize(("make", "message"), TYPES, ids=[f"{i}" for i in range(len(TYPES))])
def test_types(make, message):
    with pytest.raises(ArgumentTypeError, match=message) as caught:
        make()
    assert isinstance(caught.value, TypeError)


def zeros(*shape):
    return np.zeros(shape, "float32")


SHAPES = [
    (
        layers.BatchNormalization(axis=3, name="bn"),
        zeros(2, 3),
        r"'bn': axis 3 is out of bounds for inputs of shape \(None|2, 3\)",
    ),
    (layers.LayerNormalization(axis=(1, 4)), zeros(2, 3), r"axis 4 is out of bounds(?s:.*)between -2 and 1"),
    (layers.LayerNormalization(axis=(1, -1)), zeros(2, 3), r"axis=\[-1, 1\] names an axis of .* \(2, 3\) twice"),
    (layers.UnitNormalization(axis=-3), zeros(2, 3), r"axis -3 is out of bounds"),
    (layers.GroupNormalization(4, name="gn"), zeros(2, 6), r"'gn' cannot divide 6 channels .* into 4 equal groups"),
    (layers.GroupNormalization(32), zeros(2, 6), r"cannot divide 6 channels .* into 32 equal groups"),
    (layers.SpatialDropout1D(0.5), zeros(2, 3), r"inputs with 3 axes, but got float32\[2, 3\]"),
    (layers.SpatialDropout2D(0.5), zeros(2, 3), r"inputs with 4 axes"),
    (layers.Permute((2, 1)), zeros(2, 3), r"inputs with 3 axes, but got float32\[2, 3\]"),
    (layers.RepeatVector(2), zeros(2, 3, 4), r"expects inputs with 2 axes"),
    (layers.ZeroPadding2D(), zeros(2, 3), r"expects inputs with 4 axes"),
    (layers.Cropping1D((2, 1), name="cut"), zeros(2, 3, 1), r"'cut' cuts \(2, 1\) off axis 1, .* shape \(2, 3, 1\)"),
    (layers.Cropping2D((0, 2)), zeros(2, 3, 4, 1), r"cuts \(2, 2\) off axis 2(?s:.*)crop less than the size"),
    (layers.UpSampling3D(), zeros(2, 3), r"expects inputs with 5 axes"),
    (
        layers.TimeDistributed(layers.Dense(1), name="td"),
        zeros(2, 3),
        r"'td' takes inputs \(batch, steps, ...\) .* shape",
    ),
    (layers.EinsumDense("abc,cd->abd", (3, 5)), zeros(2, 4, 6), r"axis 'b' of 'abc,cd->abd' is 4 in the inputs, but 3"),
    (layers.EinsumDense("ab,bc->ac", 5), zeros(2, 4, 6), r"do not fit the equation 'ab,bc->ac'"),
    (layers.Reshape((5,)), zeros(2, 4), r"cannot make \(5,\) of examples of shape \(4,\)"),
]


@pytest.mark.parametrize(
    ("layer", "data", "message"), SHAPES, ids=[f"{i}-{row[0].name}" for i, row in enumerate(SHAPES)]
)
def test_shapes(layer, data, message):
    with pytest.raises(ShapeError, match=message):
        layer(data)
    with pytest.raises(ShapeError):
        type(layer).from_config(layer.get_config())(lamina.Input(data.shape[1:]))


def test_a_noise_shape_that_does_not_fit():
    for make in (layers.Dropout, layers.AlphaDropout):
        with pytest.raises(ShapeError, match=r"'noisy' has the noise_shape \(None, 1, 3\), which does not fit"):
            make(0.5, noise_shape=(None, 1, 3), name="noisy")(zeros(2, 3), training=True)


def test_a_number_is_no_batch():
    with pytest.raises(ShapeError, match=r"Reshape 'r' expects inputs with at least 1 axes, but got float32\[\]"):
        layers.Reshape((1,), name="r")(zeros())


def test_what_jax_refuses_names_the_layer():
    with pytest.raises(ShapeError, match=r"Softmax 's' cannot take inputs float32\[2, 3\]: axis 5 is out of bounds"):
        layers.Softmax(axis=5, name="s")(zeros(2, 3))
    with pytest.raises(ShapeError, match=r"Normalization 'n' cannot take inputs float32\[2, 3\]: .*broadcast"):
        layers.Normalization(mean=[0.0] * 8, variance=[1.0] * 8, name="n")(zeros(2, 3))


def test_unknown_features_cannot_be_normalized():
    for make in (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization):
        with pytest.raises(ShapeError, match=r"axis -1 of its inputs is unknown, shape \(None, None\)"):
            make()(lamina.Input((None,)))


def test_masks_of_the_wrong_shape():
    with pytest.raises(ShapeError, match=r"BatchNormalization 'bn' takes masks with one axis less .* bool\[2, 3, 4\]"):
        layers.BatchNormalization(name="bn")(zeros(2, 3, 4), training=True, mask=np.ones((2, 3, 4), bool))
    with pytest.raises(ShapeError, match=r"takes masks \(batch, steps, ...\), but got bool\[2, 4\]"):
        layers.TimeDistributed(layers.Dense(1))(zeros(2, 3, 4), mask=np.ones((2, 4), bool))


def test_dot_names_both_shapes():
    with pytest.raises(
        ShapeError, match=r"'d' cannot combine float32\[2, 3\] and float32\[2, 4\]: axis 1 .* size 3, axis 1"
    ):
        layers.Dot(1, name="d")([zeros(2, 3), zeros(2, 4)])
    one, two = layers.Dense(3, name="a")(lamina.Input((2,))), layers.Dense(4, name="b")(lamina.Input((2,)))
    with pytest.raises(ShapeError, match=r"cannot combine"):
        layers.Dot(1)([one, two])
    with pytest.raises(ShapeError, match="takes two tensors, but got 3"):
        layers.Dot(1)([zeros(2, 3)] * 3)
    with pytest.raises(ShapeError, match="sums over axis 2"):
        layers.Dot(2)([zeros(2, 3), zeros(2, 3)])


def test_merging_different_numbers_of_rows():
    with pytest.raises(ShapeError, match=r"cannot combine float32\[2, 3\] and float32\[4, 3\]: .* numbers of rows"):
        layers.Add()([zeros(2, 3), zeros(4, 3)])
    with pytest.raises(ShapeError, match=r"'add\w*' cannot take inputs float32\[2, 3\], float32\[2, 4\]: "):
        layers.Add()([zeros(2, 3), zeros(2, 4)])
    with pytest.raises(ShapeError, match=r"'concatenate\w*' cannot take inputs float32\[2, 3\], float32\[4, 3\]: "):
        layers.Concatenate()([zeros(2, 3), zeros(4, 3)])


def test_embedding_of_what_is_not_in_the_table():
    layer = layers.Embedding(5, 2, name="words")
    with pytest.raises(DataError, match=r"'words' has vectors for the integers 0 to 4, but got 5(?s:.*)6 or more here"):
        layer(np.array([[1, 5]]))
    with pytest.raises(DataError, match=r"but got -1(?s:.*)number the entries from 0"):
        layer(np.array([[-1, 2]]))
    with pytest.raises(DataError, match="takes integers from 0 to 4, but got fractions"):
        layer(np.array([[0.5]]))
    assert layer(np.array([[4.0]])).shape == (1, 1, 2)


def test_a_layer_without_a_kernel_has_no_spectrum():
    with pytest.raises(ArgumentError, match="wraps Flatten 'flat', which has neither a kernel nor embeddings"):
        layers.SpectralNormalization(layers.Flatten(name="flat"))(zeros(2, 3))


@pytest.mark.parametrize("kind", ["sequential", "functional", "two inputs"])
def test_embedding_indices_are_looked_at_before_the_first_step(kind):
    words = np.array([[1, 2], [3, 7]])
    if kind == "sequential":
        model, x = lamina.Sequential([layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)]), words
    else:
        one, two = lamina.Input((2,), dtype="int32"), lamina.Input((3,))
        outputs = layers.Flatten()(layers.Embedding(5, 2)(one))
        outputs = layers.Dense(1)(outputs if kind == "functional" else layers.Concatenate()([two, outputs]))
        model = lamina.Model(one if kind == "functional" else [two, one], outputs)
        x = words if kind == "functional" else [zeros(2, 3), words]
    model.compile(loss="mse", optimizer="sgd")
    for method in (model.fit, model.evaluate):
        with pytest.raises(DataError, match="has vectors for the integers 0 to 4, but got 7"):
            method(x, zeros(2, 1), verbose=0)
