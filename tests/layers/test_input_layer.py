"""Where data enter a model."""

import pytest

from lamina import Input, Sequential, layers
from lamina.core.errors import ArgumentError
from lamina.layers import InputLayer


def test_shapes_can_be_given_in_every_way():
    assert InputLayer(shape=(3,)).batch_shape == (None, 3)
    assert InputLayer(shape=3).batch_shape == (None, 3)
    assert InputLayer(shape=(3,), batch_size=5).batch_shape == (5, 3)
    assert InputLayer(batch_shape=(5, 3)).batch_shape == (5, 3)
    assert InputLayer(input_shape=(3,)).batch_shape == (None, 3)
    assert InputLayer(batch_input_shape=(5, 3)).batch_shape == (5, 3)
    assert Input((None, 2), dtype="uint8", name="x").dtype == "uint8"
    assert InputLayer.from_config(InputLayer(shape=(3,), name="x").get_config()).batch_shape == (None, 3)


@pytest.mark.parametrize("first", [{"input_shape": (3,)}, {"input_dim": 3}, {"input_shape": [3]}])
def test_a_first_layer_may_bring_the_shape(first):
    model = Sequential([layers.Dense(2, **first)])
    assert model.built
    assert model.input_shape == (None, 3)


def test_shapes_that_are_none_are_refused():
    with pytest.raises(ArgumentError, match=r"(?s)An input needs a shape.*Input\(shape=\(8,\)\)"):
        Input()
    with pytest.raises(ArgumentError, match="positive integers and None"):
        Input((3.5,))
    with pytest.raises(ArgumentError, match="positive integers and None"):
        Input((-1,))
    with pytest.raises(ArgumentError, match="not both"):
        InputLayer(shape=(3,), batch_shape=(None, 3))
