"""Activation layers: Keras 2's names, masks, slopes that are learned, and bad arguments."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.layers import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from lamina.layers.activation import _Elementwise
from tests.layers.contract import Case, check_layer

X = np.array([[-3.0, -1.0, 0.0, 1.0, 8.0]] * 3, "float32")


def test_leaky_relu_takes_keras_2s_alpha():
    layer = LeakyReLU(alpha=0.1)
    assert layer.negative_slope == 0.1
    np.testing.assert_allclose(layer(X)[0], [-0.3, -0.1, 0, 1, 8], rtol=1e-6)
    assert "alpha" not in layer.get_config()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReLU(max_value=-1), r"ReLU: max_value must be .* zero or above\. Received: max_value=-1"),
        (lambda: ReLU(negative_slope=-0.1), r"negative_slope must be .*Received: negative_slope=-0.1"),
        (lambda: ReLU(threshold=None), r"threshold must be .*Received: threshold=None"),
        (lambda: LeakyReLU(-0.1), r"LeakyReLU: negative_slope must be"),
        (lambda: LeakyReLU(alpha="big"), r"LeakyReLU: negative_slope must be .*'big'"),
        (lambda: ELU("big"), r"ELU: alpha must be a finite number"),
        (lambda: Activation("rellu"), r"(?s)'rellu' is not the name of an activation.*did you mean relu"),
        (lambda: PReLU("zeroes"), r"(?s)'zeroes' is not the name of an initializer.*did you mean zeros"),
        (lambda: PReLU(shared_axes=[3])(X), r"shares slopes along axes \[3\].*shape \(3, 5\) have axes 1 to 1"),
        (lambda: PReLU(shared_axes=0)(X), r"shares slopes along axes \[0\]"),
        (lambda: PReLU().build((None, None, 3)), r"(?s)has a slope for each entry.*shared_axes="),
        (lambda: Softmax()(X, mask=jnp.ones((3, 4), bool)), r"mask of shape \(3, 4\) for inputs of shape \(3, 5\)"),
        (lambda: Softmax()(X, mask=jnp.ones((1, 3, 5), bool)), r"mask of shape \(1, 3, 5\)"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_misspelt_argument_gets_a_suggestion():
    with pytest.raises(TypeError, match=r"(?s)ReLU has no argument 'max_val'.*did you mean max_value"):
        ReLU(max_val=6)


def test_shared_axes_share_slopes():
    layer = PReLU("ones", shared_axes=[1, 2])
    layer.build((None, 4, 6, 3))
    assert [w.shape for w in layer.weights] == [(1, 1, 3)]
    assert layer.input_spec.axes == {3: 3}
    assert PReLU(shared_axes=1).get_config()["shared_axes"] == [1]


def test_slopes_are_learned():
    model = lamina.Sequential([layers.Input((1,)), PReLU()])
    model.compile(optimizer=lamina.optimizers.SGD(0.1), loss="mse")
    x = -np.ones((32, 1), "float32")
    model.fit(x, -0.5 * np.ones((32, 1), "float32"), epochs=40, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], [0.5], atol=1e-3)


@pytest.mark.parametrize("dtype", [bool, "float32", "int32"])
def test_masked_entries_get_no_probability(dtype):
    mask = jnp.array([[1, 0, 1, 1, 0]]).astype(dtype)
    found = Softmax()(X, mask=mask)
    expected = np.exp(X[0]) * np.array([1, 0, 1, 1, 0])
    np.testing.assert_allclose(found[0], expected / expected.sum(), rtol=1e-6)
    assert not np.isnan(Softmax()(X, mask=jnp.zeros((3, 5), bool))).any()


def test_softmax_over_several_axes_sums_to_one():
    x = np.random.normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(np.sum(Softmax(axis=[1, 2])(x), (1, 2)), [1, 1], rtol=1e-6)


@pytest.mark.parametrize(("axis", "apart"), [(-1, True), (1, True), ([1, 2], True), (0, False), (-2, False)])
def test_softmax_knows_whether_it_mixes_rows(axis, apart):
    assert Softmax(axis=axis).is_row_independent is apart


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (ReLU(), (4, 3)),
        (ReLU(3.0, 0.1, 0.5), (4, 3)),
        (LeakyReLU(), (4, 3)),
        (ELU(0.5), (4, 3)),
        (PReLU("he_normal", "l2", "non_neg"), (4, 3)),
        (PReLU(shared_axes=[1]), (4, 3, 2)),
        (Softmax(), (4, 3)),
        (Softmax(axis=(1, 2)), (4, 3, 2)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, _Elementwise) else None,
)
def test_the_contract_of_layers(layer, shape):
    check_layer(layer, input_shape=shape)


def test_the_last_short_batch_is_trained_as_any_other():
    case = Case(PReLU(), X)
    layer, outputs = case.called()
    assert layer.is_row_independent
    np.testing.assert_array_equal(layer(X[:1])[0], outputs[0])
