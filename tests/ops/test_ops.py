"""Operations: bad arguments, odd shapes, and what they take beside arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.core.symbolic import SymbolicTensor
from lamina.core.variable import Variable

X = np.arange(6.0, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize("name", ops.__all__)
def test_every_name_resolves_and_is_described(name):
    assert getattr(ops, name).__doc__


@pytest.mark.parametrize("face", ["nn", "numpy", "linalg", "image"])
def test_the_faces_of_keras(face):
    module = getattr(ops, face)
    assert all(callable(getattr(module, name)) for name in module.__all__)
    if face != "image":
        assert all(getattr(module, name) is getattr(ops, name) for name in module.__all__)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.normalize(X, order=0), r"normalize: order must be a positive integer\. Received: order=0"),
        (lambda: ops.cholesky(-np.eye(2)), "positive definite"),
        (lambda: ops.inv(X), r"inv takes square matrices .*shape \(2, 3\)"),
        (lambda: ops.det(X[0]), r"det takes square matrices .*shape \(3,\)"),
        (lambda: ops.qr(X, mode="r"), r"(?s)qr: mode must be one of 'reduced'.*'r'"),
        (lambda: ops.searchsorted(X, X), r"(?s)sequence of one axis.*\(2, 3\).*vectorized_map"),
        (lambda: ops.pad(X, 1, mode="edge", constant_values=1), "constant_values only in mode 'constant'.*'edge'"),
        (lambda: ops.rot90(X, axes=(1, 1)), r"two different axes\. Received: axes=\(1, 1\)"),
        (lambda: ops.rot90(X[0]), r"at least two axes, but got one of shape \(3,\)"),
        (lambda: ops.scatter_update(X, [[0, 0]], [1.0], "sum"), r"(?s)reduction must be one of None, 'add'.*'sum'"),
        (lambda: ops.slice(X, (0,), (1, 1)), r"a start and a size for each axis .*\(2, 3\)"),
        (lambda: ops.convert_to_tensor(X, ragged=True), "cannot be ragged"),
        (lambda: ops.cdist(X, X.T), r"equal features, but got \(2, 3\) and \(3, 2\)"),
        (lambda: ops.psnr(X, X.T, 1.0), r"images of one shape, but got \(2, 3\) and \(3, 2\)"),
        (lambda: ops.segment_sum(X, [0, 1, 2]), r"segment_sum takes a segment for each entry .*\(3,\)"),
        (lambda: ops.view_as_complex(X), r"pairs \(\.\.\., 2\), but got an array of shape \(2, 3\)"),
        (lambda: ops.multi_hot([1]), "num_classes must be a positive integer"),
        (lambda: ops.binary_crossentropy(X, X.T), r"targets of shape \(2, 3\) for outputs of shape \(3, 2\)"),
        (lambda: ops.sparse_categorical_crossentropy([0], X), r"targets of shape \(1,\) for outputs of shape \(2, 3\)"),
        (lambda: ops.conv(X, X), r"(?s)conv got inputs of shape \(2, 3\).*a kernel has the shape"),
        (lambda: ops.conv(X[..., None], np.ones((5, 1, 1))), r"(?s)leaves nothing of inputs.*padding='same'"),
        (lambda: ops.conv(X[..., None], np.ones((1, 1, 1)), padding="sane"), r"(?s)padding must be.*did you mean same"),
        (lambda: ops.max_pool(X[..., None], 2, padding="full"), "max_pool: padding must be one of 'valid', 'same'"),
        (lambda: ops.max_pool(X[..., None], 2, data_format="last"), "data_format must be one of 'channels_last'"),
        (lambda: ops.adaptive_max_pool(X, 2), r"one to three axes of places, but got shape \(2, 3\)"),
        (lambda: ops.unfold(X, 2), r"unfold takes images .*\(2, 3\)"),
        (lambda: ops.dot_product_attention(X, X, X), r"query, key and value .*\(2, 3\), \(2, 3\) and \(2, 3\)"),
        (lambda: ops.ctc_loss(X, X, [1], [1]), r"CTC needs integer labels .*\(2, 3\)"),
        (
            lambda: ops.ctc_decode(X[None], [2], strategy="beam_serch"),
            r"(?s)strategy must be one of.*did you mean beam_search",
        ),
        (lambda: ops.ctc_decode(X[None], [2], "beam_search", beam_width=0), "beam_width must be"),
        (lambda: ops.fft(X), "tuple of real and imaginary parts"),
        (lambda: ops.fft((X, X.T)), "Real and imaginary parts have shapes"),
        (lambda: ops.stft(X, 4, 2, 2), "fft_length must not be below sequence_length"),
        (lambda: ops.stft(X, 2, 1, 2, window="square"), "window must be one of 'hann', 'hamming'"),
        (lambda: ops.depth_to_space(X[None, None], 2), "channels must be a multiple of 4"),
        (lambda: ops.space_to_depth(X[None, :, :, None], 1), "block_size must be an integer, 2 or above"),
        (lambda: ops.rearrange(X, "a b -> a"), "the same names, each once"),
        (lambda: ops.rearrange(X, "a b c -> c b a"), r"shape \(2, 3\), but 'a b c -> c b a' names 3 axes"),
        (lambda: ops.rearrange(X, "a (b c) -> a b c", b=2), r"(?s)cannot part an axis of size 3 into \(b c\)"),
        (lambda: ops.image.resize(X, (2, 2)), r"an image \(3 axes\) or a batch .*\(2, 3\)"),
        (lambda: ops.image.resize(X[None], (2, 2), "linear"), r"(?s)interpolation must be one of.*'linear'"),
        (lambda: ops.image.resize(X[None], (2, 0)), r"both above zero\. Received: size=\(2, 0\)"),
        (lambda: ops.image.pad_images(X[None], 1), "takes two of top_padding, bottom_padding and target_height"),
        (lambda: ops.image.crop_images(X[None], 1, 1, 1, 1), r"take off 2 of 1"),
        (lambda: ops.image.rgb_to_hsv(np.ones((1, 1, 3), int)), "takes floats from 0 to 1.*int32"),
        (lambda: ops.image.rgb_to_grayscale(np.ones((1, 1, 2))), r"three channels, but got shape \(1, 1, 2\)"),
        (lambda: ops.image.affine_transform(X[None], [1.0]), "eight numbers for each image"),
        (lambda: ops.image.map_coordinates(X, X, 2), r"map_coordinates: order must be one of 0, 1"),
        (lambda: lamina.random.uniform((2,), dtype="int32"), r"draws floats.*dtype=int32"),
        (lambda: lamina.random.randint((2,), 0, 3, dtype="float32"), r"draws integers.*dtype=float32"),
        (lambda: lamina.random.normal((2, -1)), r"tuple of integers.*\(2, -1\)"),
        (lambda: lamina.random.categorical([0.0, 1.0], 2), r"logits of shape \(batch, classes\), but got \(2,\)"),
        (lambda: lamina.random.dropout(X, 1.5), r"rate must be a number from 0 to 1\. Received: rate=1.5"),
        (lambda: lamina.random.uniform((2,), seed="one"), "seed must be an integer, a SeedGenerator or None"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_exponent_must_be_an_integer():
    with pytest.raises(TypeError, match=r"integers for x2.*float32"):
        ops.ldexp(X, X)


def test_variables_in_lists_and_by_keyword():
    v = Variable(X)
    np.testing.assert_array_equal(ops.concatenate([v, v]), np.concatenate([X, X]))
    np.testing.assert_array_equal(ops.add(x1=v, x2=v), X + X)
    np.testing.assert_array_equal(ops.where(v > 2, v, 0.0), np.where(X > 2, X, 0))
    assert ops.shape(v) == (2, 3)


def test_symbolic_tensors_and_arrays_make_a_graph():
    x = layers.Input((3,))
    w = np.ones((3, 2), "float32")
    model = lamina.Model(x, ops.relu(ops.matmul(x, w) - 4.0))
    np.testing.assert_array_equal(model.predict(X, verbose=0), np.maximum(X @ np.ones((3, 2)) - 4, 0))


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: ops.reshape(x, (-1, 12)), (None, 12)),
        (lambda x: ops.concatenate([x, x], axis=-1), (None, 4, 6)),
        (lambda x: ops.split(x, 2, axis=1)[0], (None, 2, 3)),
        (lambda x: ops.einsum("bij,bkj->bik", x, x), (None, 4, 4)),
        (lambda x: ops.max_pool(x, 2), (None, 2, 3)),
        (lambda x: ops.conv(x, np.ones((2, 3, 5), "float32"), padding="same"), (None, 4, 5)),
        (lambda x: ops.one_hot(ops.argmax(x, axis=-1), 3), (None, 4, 3)),
        (lambda x: ops.unstack(x, axis=2)[1], (None, 4)),
        (lambda x: ops.rearrange(x, "b h c -> b (c h)"), (None, 12)),
        (lambda x: ops.image.resize(x[..., None], (2, 2)), (None, 2, 2, 1)),
        (lambda x: ops.linalg.norm(x, axis=(1, 2)), (None,)),
        (lambda x: ops.zeros_like(x), (None, 4, 3)),
        (lambda x: ops.slice(x, (0, 1, 0), (-1, 2, -1)), (None, 2, 3)),
    ],
)
def test_shapes_are_inferred(function, shape):
    assert function(SymbolicTensor((None, 4, 3))).shape == shape


def test_numbers_that_a_dtype_lacks_become_its_nearest():
    top = 2**31 - 1
    found = ops.saturate_cast(jnp.array([-1e20, 3.7, 1e20]), "int32")
    assert found.tolist()[:2] == [-(2**31), 3]
    assert 0 <= top - int(found[2]) < 256
    assert ops.saturate_cast([True, False], "int8").tolist() == [1, 0]


def test_an_empty_batch_goes_through():
    assert ops.mean(jnp.zeros((0, 3)), axis=1).shape == (0,)
    assert ops.conv(jnp.zeros((0, 4, 1)), jnp.ones((2, 1, 2))).shape == (0, 3, 2)
    assert ops.sort(jnp.zeros((0,))).shape == (0,)


@pytest.mark.parametrize("name", ["sqrt", "norm", "cdist", "softmax", "logsumexp", "layer_normalization"])
def test_slopes_are_numbers(name):
    arguments = (X,) if name == "cdist" else ()
    slope = jax.grad(lambda x: ops.sum(getattr(ops, name)(x, *arguments)))(jnp.asarray(X + 1))
    assert not np.isnan(slope).any()


def test_pooling_without_strides_takes_the_windows_side_by_side():
    np.testing.assert_array_equal(ops.max_pool(X[..., None], 3)[:, :, 0], [[2], [5]])
    assert ops.max_pool(jnp.arange(4).reshape(1, 4, 1), 2).dtype == "int32"


def test_a_beam_search_finds_labels_that_no_single_path_shows():
    # Each step favours the blank, but together the ways to write "1" are likelier.
    log_p = np.log([[[0.6, 0.4], [0.6, 0.4]]]).astype("float32")
    assert ops.ctc_decode(log_p, [2])[0][0, 0].tolist() == [-1, -1]
    labels, scores = ops.ctc_decode(log_p, [2], strategy="beam_search", beam_width=4, top_paths=2)
    assert labels[0, 0].tolist() == [1, -1]
    np.testing.assert_allclose(np.exp(scores[0]), [0.64, 0.36], rtol=1e-5)
