"""Activation functions and their derivatives."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import activations
from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import public
from lamina.plots.language import word
from lamina.plots.series import Series, draw_series
from lamina.plots.style import add_legend, divide, drawing
from lamina.plots.values import interval_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 401


@public
def activation_functions(
    functions: str | Callable[..., Any] | Sequence[Any] | Mapping[str, Any] = ("sigmoid", "tanh", "relu"),
    limits: tuple[float, float] = (-5.0, 5.0),
    ax: "Axes | None" = None,
    style: str | None = None,
) -> "list[Axes]":
    """Draws activation functions on the left, and their derivatives on the right.

    Args:
        functions: one or several, by name, as functions or layers; or by names of one's own.
        limits: of the inputs.
        ax: axes whose place both take; a new figure if not given.
        style: `"light"` or `"dark"`; the one of `use_style` if not given.

    Returns:
        The axes of the functions and those of the derivatives.

    Raises:
        UnknownNameError: if there is no such activation.
        ArgumentError: if the limits are not ascending, or a function joins its inputs, as softmax does.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> from matplotlib.figure import Figure
        >>> left, right = activation_functions(["sigmoid", "relu"], ax=Figure().subplots())
        >>> [line.get_label() for line in left.lines if line.get_label()[0] != "_"]
        ['sigmoid', 'relu']
        >>> float(right.lines[0].get_ydata().max())
        0.25
    """
    owner = "activation_functions"
    with drawing(owner, ax, style, (9.0, 3.6)) as (whole, colours):
        low, high = interval_of(owner, "limits", limits)
        if not low < high:
            raise ArgumentError(f"{owner}: limits must be ascending numbers. Received: limits={limits!r}")
        z = np.linspace(low, high, _POINTS, dtype="float32")
        panels = divide(whole, 1, 2, 2, colours)
        named = _named(functions)
        values = [_values(name, function, z) for name, function in named.items()]
        for panel, title, place in ((panels[0], "functions", 0), (panels[1], "derivatives", 1)):
            draw_series(panel, colours, [Series(n, z, v[place]) for n, v in zip(named, values, strict=True)])
            for line in (panel.axhline(0), panel.axvline(0)):
                line.set(color=colours.faint, linewidth=1, zorder=1)
            panel.set_title(word(title), fontsize=11)
        add_legend(panels[0], colours)
    return panels


def _named(functions: Any) -> dict[str, Callable[..., Any]]:
    if isinstance(functions, Mapping):
        return {str(name): activations.get(function) for name, function in functions.items()}
    several = functions if isinstance(functions, list | tuple) else [functions]
    found = [activations.get(function) for function in several]
    names = [
        given if isinstance(given, str) else getattr(given, "__name__", None) or getattr(given, "name", str(given))
        for given in several
    ]
    return dict(zip(names, found, strict=True))


def _values(name: str, function: Callable[..., Any], z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The function and its derivative, with a gap where it jumps."""
    scalar: Callable[[Any], Any] = lambda number: function(number[None])[0]  # noqa: E731
    numbers = jnp.asarray(z)
    together = np.asarray(function(numbers))
    try:
        values, slopes = (np.array(a) for a in jax.vmap(jax.value_and_grad(scalar))(numbers))
    except jax.errors.TracerArrayConversionError:
        raise ArgumentError(
            f"activation_functions: {name} computes with NumPy, so it has no derivative.",
            hint="write it with lamina.ops, such as ops.sin for np.sin.",
        ) from None
    if together.shape != z.shape or not np.allclose(together, values, atol=1e-4, equal_nan=True):
        raise ArgumentError(
            f"activation_functions: {name} depends on several inputs at once, so it is no curve.",
            hint="sigmoid is what softmax is for two classes.",
        )
    jumps = np.abs(np.diff(values)) > 10 * (np.abs(slopes).max() + 0.1) * np.diff(z)
    values[:-1][jumps] = np.nan
    return values, slopes
