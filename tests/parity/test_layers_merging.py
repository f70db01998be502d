"""Layers that make one tensor of several: values, ranks and masks as in Keras; tolerance 1e-6."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core.masking import mask_of

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

rng = np.random.default_rng(0)
A, B, C = (rng.normal(size=(4, 5, 3)).astype("float32") for _ in range(3))
for steps in (A, B):
    steps[rng.random((4, 5)) < 0.4] = 0
NAMES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]


def kept(k, tensor):
    return mask_of(tensor) if k is lamina else keras.src.backend.get_keras_mask(tensor)


def merged(k, name, masked, **arguments):
    inputs = [
        k.layers.Masking()(jnp.asarray(x)) if mask else jnp.asarray(x) for x, mask in zip((A, B), masked, strict=True)
    ]
    outputs = getattr(k.layers, name)(**arguments)(inputs)
    mask = kept(k, outputs)
    return np.asarray(outputs), None if mask is None else np.asarray(mask)


@pytest.mark.parametrize("masked", [(True, True), (True, False), (False, True)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_masks(name, masked):
    (mine, my_mask), (theirs, their_mask) = (merged(k, name, masked) for k in (lamina, keras))
    np.testing.assert_allclose(mine, theirs, atol=1e-6)
    assert (my_mask is None) == (their_mask is None)
    if my_mask is not None:
        np.testing.assert_array_equal(my_mask, their_mask)


@pytest.mark.parametrize("name", ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"])
def test_features_serve_all_steps(name):
    pair = [C, C[:, 0]]
    mine, theirs = (getattr(k.layers, name)()([jnp.asarray(x) for x in pair]) for k in (lamina, keras))
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_concatenated_steps_have_concatenated_masks():
    (mine, my_mask), (theirs, their_mask) = (merged(k, "Concatenate", (True, False), axis=1) for k in (lamina, keras))
    np.testing.assert_allclose(mine, theirs)
    np.testing.assert_array_equal(my_mask, their_mask)


DOTS = [
    ((4, 3), (4, 3), 1),
    ((4, 3), (4, 3), -1),
    ((4, 5, 3), (4, 3), (2, 1)),
    ((4, 3), (4, 6, 3), (1, 2)),
    ((4, 5, 3), (4, 5, 6), 1),
    ((4, 5, 3), (4, 6, 3), (-1, -1)),
    ((4, 2, 5, 3), (4, 6, 5), (2, 2)),
    ((4, 5, 2, 3), (4, 3, 6, 2), (3, 1)),
]


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize(("one", "two", "axes"), DOTS, ids=str)
def test_dot(one, two, axes, normalize):
    x, y = (rng.normal(size=shape).astype("float32") for shape in (one, two))
    mine = lamina.layers.Dot(axes, normalize=normalize, name="d")
    theirs = keras.layers.Dot(axes, normalize=normalize, name="d")
    expected = np.asarray(theirs([jnp.asarray(x), jnp.asarray(y)]))
    np.testing.assert_allclose(mine([x, y]), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(lamina.layers.dot([x, y], axes=axes, normalize=normalize), mine([x, y]))
    assert mine([lamina.Input(one[1:]), lamina.Input(two[1:])]).shape == (None, *expected.shape[1:])
    assert mine.get_config() == theirs.get_config()
    assert type(mine).from_config(theirs.get_config()).get_config() == mine.get_config()
