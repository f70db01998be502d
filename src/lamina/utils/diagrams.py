"""Pictures of models."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from lamina.core.errors import ArgumentError, suggestion
from lamina.core.files import replacing
from lamina.core.tracebacks import public
from lamina.core.validate import above_zero, file_path, one_of
from lamina.models.diagram import Contents, chart_of
from lamina.models.diagram_dot import Dot
from lamina.models.diagram_picture import DIRECTIONS, picture_of
from lamina.plots.fonts import show_scripts

_DRAWN = ("png", "pdf", "jpg", "jpeg", "ps", "eps")  # by matplotlib
_KINDS = (*_DRAWN, "svg", "dot")
_SPLINES = ("ortho", "curved", "polyline", "spline", "line")


@public
def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    layer_range: None = None,
) -> Any:
    """Draws the layers of a model and how data flow between them.

    Nothing else has to be installed for SVG and DOT files, and matplotlib for the others.

    Args:
        model: a built one; its layers are shown if it is a `Sequential` or functional one.
        to_file: the file; its ending says whether it is PNG, SVG, PDF, JPEG, PostScript or DOT.
        show_shapes: whether to show the shapes of inputs and outputs.
        show_dtype: whether to show the dtypes of outputs.
        show_layer_names: whether to show names besides classes.
        rankdir: where the data flow: `"TB"` down, `"LR"` to the right, `"BT"` up, `"RL"` to the left.
        expand_nested: whether to open models inside.
        dpi: dots per inch.
        show_layer_activations: whether to show activations of layers that have one.
        show_trainable: whether to show what is trained.
        splines: how graphviz is to draw edges of a DOT file; here lines are straight.
        layer_range: no longer supported, as in Keras.

    Returns:
        The picture to be shown in a notebook; `None` elsewhere.

    Raises:
        NotBuiltError: if the model is not built.
        ArgumentError: for another direction or kind of file.
        MissingExtraError: if matplotlib is needed and not installed.
        FileError: if the file cannot be written.

    Example:
        >>> import lamina, tempfile
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2)])
        >>> path = Path(tempfile.mkdtemp(), "model.svg")
        >>> plot_model(model, path)
        >>> path.read_text().startswith("<svg")
        True
    """
    _check(rankdir, splines, layer_range)
    dpi = above_zero("plot_model", "dpi", dpi)
    path = Path(file_path("plot_model", "to_file", to_file))
    kind = path.suffix.removeprefix(".").lower() or "png"
    if kind not in _KINDS:
        raise ArgumentError(
            f"plot_model cannot draw files that end in '.{kind}'. Received: to_file={str(to_file)!r}",
            hint=suggestion(kind, _KINDS),
        )
    contents = Contents(
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested
    )
    if kind == "dot":
        Dot(chart_of(model, contents), rankdir=rankdir, dpi=dpi, splines=splines).write(path)
        return None
    picture = picture_of(model, contents, rankdir)
    if kind == "svg":
        with replacing(path, "w", encoding="utf-8") as file:
            file.write(picture.svg())
    else:
        with replacing(path) as file:
            picture.save(file, kind, dpi, finish=show_scripts)
    return _for_notebook(path, kind)


@public
def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    layer_range: None = None,
) -> Dot:
    """Describes the layers of a model in the DOT language of graphviz, which need not be installed.

    Args:
        model: a built one.
        show_shapes: whether to show the shapes of inputs and outputs.
        show_dtype: whether to show the dtypes of outputs.
        show_layer_names: whether to show names besides classes.
        rankdir: as for `plot_model`.
        expand_nested: whether to open models inside.
        dpi: dots per inch.
        subgraph: whether to make a cluster that can stand in another graph.
        show_layer_activations: whether to show activations of layers that have one.
        show_trainable: whether to show what is trained.
        splines: how graphviz is to draw edges.
        layer_range: no longer supported, as in Keras.

    Returns:
        An object whose `to_string()` is the text.

    Raises:
        NotBuiltError: if the model is not built.
        ArgumentError: for another direction or kind of edges.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2, name="a")])
        >>> "<b>a</b> (Dense)" in model_to_dot(model).to_string()
        True
    """
    _check(rankdir, splines, layer_range)
    contents = Contents(
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested
    )
    return Dot(chart_of(model, contents), subgraph, rankdir=rankdir, dpi=dpi, splines=splines)


def _check(rankdir: str, splines: str, layer_range: Any) -> None:
    one_of("plot_model", "rankdir", rankdir, DIRECTIONS)
    one_of("plot_model", "splines", splines, _SPLINES)
    if layer_range is not None:
        raise ArgumentError(f"layer_range is no longer supported. Received: layer_range={layer_range!r}")


def _for_notebook(path: Path, kind: str) -> Any:
    if "IPython" not in sys.modules or kind not in ("png", "jpg", "jpeg", "svg"):
        return None
    display = importlib.import_module("IPython.display")
    return (display.SVG if kind == "svg" else display.Image)(filename=str(path))
