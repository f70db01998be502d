import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, UnknownNameError
from lamina.plots import activation_functions


def curves(panel):
    """The lines by their names, without those of the axes."""
    return {line.get_label(): line for line in panel.lines if not line.get_label().startswith("_")}


def test_functions_and_derivatives(ax):
    left, right = activation_functions(["sigmoid", "relu", "step"], (-4, 4), ax=ax)
    assert [left.get_title(), right.get_title()] == ["functions", "derivatives"]
    assert list(curves(left)) == list(curves(right)) == ["sigmoid", "relu", "step"]
    z = curves(left)["sigmoid"].get_xdata()
    assert (z[0], z[-1]) == (-4, 4)
    sigmoid = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(curves(left)["sigmoid"].get_ydata(), sigmoid, atol=1e-6)
    np.testing.assert_allclose(curves(right)["sigmoid"].get_ydata(), sigmoid * (1 - sigmoid), atol=1e-6)
    assert set(curves(right)["relu"].get_ydata()[z > 0]) == {1.0}


def test_a_jump_is_a_gap(ax):
    left, _ = activation_functions("step", ax=ax)
    values = curves(left)["step"].get_ydata()
    assert np.isnan(values).sum() == 1
    assert set(values[~np.isnan(values)]) == {0.0, 1.0}


def test_layers_functions_and_names_of_ones_own(ax):
    left, _ = activation_functions([lamina.activations.tanh, lamina.layers.LeakyReLU(name="leaky")], ax=ax)
    assert list(curves(left)) == ["tanh", "leaky"]
    left, right = activation_functions({"square": lambda z: z**2}, ax=ax.figure.add_subplot())
    np.testing.assert_allclose(curves(right)["square"].get_ydata(), 2 * curves(left)["square"].get_xdata(), rtol=1e-6)


@pytest.mark.parametrize(
    ("functions", "limits", "error", "message"),
    [
        ("reul", (-1, 1), UnknownNameError, "did you mean relu"),
        ("softmax", (-1, 1), ArgumentError, "softmax depends on several inputs at once"),
        ({"own": lambda z: np.sin(z)}, (-1, 1), ArgumentError, "own computes with NumPy, so it has no derivative"),
        ("relu", (1, -1), ArgumentError, r"ascending numbers. Received: limits=\(1, -1\)"),
    ],
)
def test_what_is_no_curve(ax, functions, limits, error, message):
    with pytest.raises(error, match=message):
        activation_functions(functions, limits, ax=ax)
