"""The base of losses: custom ones, wrapped functions, names and errors."""

import re

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import losses


class Asymmetric(losses.Loss):
    """Underestimates cost twice as much."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return jnp.mean(jnp.maximum(self.factor * error, -error), axis=-1)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def test_custom_losses():
    loss = Asymmetric(3.0)
    assert loss.name == "asymmetric"
    assert float(loss([[1.0], [0.0]], [[0.0], [1.0]])) == 2.0
    assert float(loss([[1.0], [0.0]], [[0.0], [1.0]], sample_weight=[1, 0])) == 1.5
    assert Asymmetric.from_config(loss.get_config()).factor == 3.0


def test_targets_are_cast_to_floats():
    class Dtypes(losses.Loss):
        def call(self, y_true, y_pred):
            assert y_true.dtype == y_pred.dtype == "float32"
            return y_true - y_pred

    # In uint8 the difference would wrap around.
    assert float(Dtypes()(np.uint8([1]), np.uint8([2]))) == -1


def test_losses_of_structures():
    class Both(losses.Loss):
        def call(self, y_true, y_pred):
            return abs(y_true["a"] - y_pred["a"]) + abs(y_true["b"] - y_pred["b"])

    assert float(Both()({"a": np.ones(2), "b": np.zeros(2)}, {"a": np.zeros(2), "b": np.ones(2)})) == 2


def test_a_loss_needs_a_call():
    with pytest.raises(NotImplementedError, match=r"Loss has to define call\(self, y_true, y_pred\)"):
        losses.Loss()([1.0], [1.0])


def test_wrapped_functions_take_arguments():
    wrapped = losses.LossFunctionWrapper(losses.huber, name="half", delta=0.5)
    assert float(wrapped([[0.0]], [[2.0]])) == float(losses.Huber(0.5)([[0.0]], [[2.0]]))
    again = type(wrapped).from_config(wrapped.get_config())
    assert (again.fn, again.name, again.fn_kwargs) == (losses.huber, "half", {"delta": 0.5})


def test_functions_of_the_user_travel_by_name():
    def cubes(y_true, y_pred):
        return abs(y_true - y_pred) ** 3

    record = losses.serialize(losses.LossFunctionWrapper(cubes))
    with pytest.raises(ValueError, match=r"'cubes'.*does not know(?s:.*)custom_objects"):
        losses.deserialize(record)
    with lamina.utils.custom_object_scope({"cubes": cubes}):
        assert float(losses.deserialize(record)([2.0], [0.0])) == 8


@pytest.mark.parametrize(("name", "meant"), [("mean_sqared_error", "mean_squared_error"), ("hubber", "huber")])
def test_misspelt_names(name, meant):
    with pytest.raises(ValueError, match=rf"'{name}' is not the name of a loss(?s:.*)did you mean .*{meant}"):
        losses.get(name)
    with pytest.raises(AttributeError, match=rf"no '{name}'(?s:.*)did you mean .*{meant}"):
        getattr(losses, name)


def test_none_and_functions_are_returned_as_they_are():
    own = lambda y_true, y_pred: y_pred  # noqa: E731
    assert losses.get(None) is None
    assert losses.get(own) is own
    with pytest.raises(ValueError, match="Cannot make sense of 3 as a loss"):
        losses.get(3)


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy"])
def test_targets_are_not_broadcast(name):
    with pytest.raises(ValueError, match=rf"{name} needs targets .*y_true \(4,\) and y_pred \(4, 3\)"):
        getattr(losses, name)(np.ones(4), np.ones((4, 3)))


@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalCrossentropy"])
def test_smoothing_is_a_fraction(name):
    with pytest.raises(ValueError, match=f"{name}: label_smoothing must be a number from 0 to 1.*1.5"):
        getattr(losses, name)(label_smoothing=1.5)


def test_the_mean_of_nothing_is_zero():
    assert float(losses.MeanSquaredError(reduction="mean_with_sample_weight")([[1.0]], [[0.0]], [0.0])) == 0
    assert float(losses.SparseCategoricalCrossentropy(ignore_class=0)([0], [[0.5, 0.5]])) == 0
    nothing = np.zeros((0, 4))
    assert float(losses.MeanSquaredError()(nothing, nothing, np.zeros((0, 1)))) == 0


def test_reductions_by_the_names_of_keras_2():
    targets, predictions = [[1.0], [2.0]], [[0.0], [0.0]]
    values = {
        name: np.asarray(losses.MeanSquaredError(reduction=getattr(losses.Reduction, name))(targets, predictions))
        for name in ("AUTO", "NONE", "SUM", "SUM_OVER_BATCH_SIZE")
    }
    assert values.pop("NONE").tolist() == [1.0, 4.0]
    assert values == {"AUTO": 2.5, "SUM": 5.0, "SUM_OVER_BATCH_SIZE": 2.5}


@pytest.mark.parametrize("name", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
@pytest.mark.parametrize("axis", [(0, 1), None, True])
def test_classes_have_one_axis(name, axis):
    with pytest.raises(ValueError, match=re.escape(f"{name}: axis must be an integer. Received: axis={axis!r}")):
        getattr(losses, name)(np.zeros((2, 3)), np.ones((2, 3)), axis=axis)


def test_the_class_to_leave_out_is_an_integer():
    with pytest.raises(ValueError, match=r"ignore_class must be an integer.*'a'"):
        losses.SparseCategoricalCrossentropy(ignore_class="a")
