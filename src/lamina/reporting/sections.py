"""The sections of a report."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

import numpy as np

from lamina.models.diagram import Contents
from lamina.models.diagram_picture import picture_of
from lamina.models.summary import format_bytes, summary_rows
from lamina.plots.curves import learning_curves
from lamina.plots.logs import fault_of, logs_of
from lamina.reporting.examples import Examples, named
from lamina.reporting.judging import Judgement
from lamina.reporting.markup import Html, element, joined, number, scrolling, section, table
from lamina.reporting.mistakes import show_mistakes
from lamina.reporting.pictures import drawing, figure

_WORST = 12
_CURVES = 8


def title_of(part: Html) -> str:
    """The heading of a section."""
    found = re.search("<h2[^>]*>(.*?)</h2>", part)
    return unescape(found[1]) if found else ""


def headline(results: Mapping[str, Any]) -> Html:
    """The results in a line, but for metrics of several numbers."""
    single = {name: float(value) for name, value in results.items() if np.ndim(value) == 0}
    pairs = [joined([element("dt", name), element("dd", number(value))]) for name, value in single.items()]
    return element("dl", *(element("div", pair) for pair in pairs), aria_label="Results on the test data")


def model(model: Any) -> Html:
    """Its diagram and its layers."""
    titles, rows = summary_rows(model)
    weights = [np.asarray(weight.value).nbytes for weight in model.weights]
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    count = f"{model.count_params():,} parameters ({format_bytes(sum(weights))}), {trained:,} of them trained."
    diagram = drawing(picture_of(model, Contents(shapes=True, nested=True)).svg(), _ways(rows))
    parts = [element("p", count), scrolling(diagram, "Diagram of the model")]
    return section("Model", *parts, table(f"Layers of {model.name}", titles, rows))


def _ways(rows: Sequence[Sequence[str]]) -> str:
    return f"Diagram of {len(rows)} layers, which the table below lists in the order of their calls."


def data(examples: Examples, outputs: Sequence[str], judgements: Sequence[Judgement]) -> Html:
    """What the test data are like."""
    rows = [_described(name, "input", array) for name, array in named(examples.x, "input").items()]
    rows += [_described(name, "target", array) for name, array in _targets(examples.y, outputs)]
    titles = ["array", "kind", "shape", "dtype", "least", "mean", "largest", "missing"]
    parts = [element("p", f"{len(examples):,} rows to test on."), table("Arrays of the test data", titles, rows)]
    return section("Data", *parts, element("div", *(one.distribution() for one in judgements), class_="beside"))


def _targets(y: Any, outputs: Sequence[str]) -> Iterable[tuple[str, Any]]:
    """The targets by the names of the outputs that they are for."""
    return zip(outputs, y, strict=True) if isinstance(y, list | tuple) else named(y, outputs[0]).items()


def _described(name: str, kind: str, given: Any) -> list[Any]:
    array = np.asarray(given)
    shape = " × ".join(map(str, array.shape))
    told = array[np.isfinite(array)].astype("float64")
    spread = [float(value) for value in (told.min(), told.mean(), told.max())] if told.size else ["–"] * 3
    return [name, kind, shape, str(array.dtype), *spread, int(array.size - told.size)]


def curves(history: Any) -> Html:
    """Loss and metrics over the epochs, and their best and last values."""
    logs = logs_of("report", history)
    drawn = [name for name, values in logs.items() if fault_of("report", name, values) is None]
    names = [name for name in drawn if not (name.startswith("val_") and name[4:] in drawn)]
    names.sort(key=lambda name: name != "loss")
    figures = [_curve(history, logs, name) for name in names[:_CURVES]]
    rows = [_course(name, values, name in drawn) for name, values in logs.items() if len(values)]
    titles = ["log", "first", "last", "least", "in epoch", "largest", "in epoch"]
    return section("Curves", element("div", *figures, class_="beside"), table("Logs over the epochs", titles, rows))


def _curve(history: Any, logs: Mapping[str, Sequence[float]], name: str) -> Html:
    def draw(axes: Any, style: str) -> None:
        learning_curves(history, ax=axes, style=style, metrics=[name])

    told = [
        f"{kind} from {number(float(logs[key][0]))} to {number(float(logs[key][-1]))}"
        for kind, key in (("training", name), ("validation", f"val_{name}"))
        if len(logs.get(key, ()))
    ]
    return figure(draw, name, f"{name} over {len(logs.get(name, ()))} epochs: {', '.join(told)}.")


def _course(name: str, values: Any, drawn: bool) -> list[Any]:
    if not drawn:
        return [name, *["–"] * 6]
    values = np.asarray(values, "float64")
    ends = [(float(values[place]), int(place) + 1) for place in (np.nanargmin(values), np.nanargmax(values))]
    return [name, float(values[0]), float(values[-1]), *ends[0], *ends[1]]


def results(results: Mapping[str, Any], count: int, judgements: Sequence[Judgement]) -> Html:
    """Loss and metrics on the test data; of metrics that have a number for each class, all of them."""
    rows = [row for name, value in results.items() for row in _told(name, np.asarray(value, "float64"))]
    own = table(f"Loss and metrics on {count:,} rows that were held out", ["metric", "value"], rows)
    return section("Results", own, *(one.scores() for one in judgements))


def _told(name: str, value: np.ndarray) -> list[tuple[str, float]]:
    names = [name] if value.ndim == 0 else [f"{name}[{place}]" for place in range(value.size)]
    return list(zip(names, map(float, value.ravel()), strict=True))


def evidence(judgements: Sequence[Judgement]) -> Html:
    """Confusion matrices and residuals."""
    return section("Right and wrong", element("div", *(one.evidence() for one in judgements), class_="beside"))


def mistakes(x: Any, judgements: Sequence[Judgement]) -> Html:
    """The rows that the model is most wrong about."""
    parts = []
    for one in judgements:
        found = one.worst(_WORST)
        caption = f"Worst mistakes of {one.name}, the worst one first"
        none = element("p", f"{one.name}: there are no mistakes on the test data.")
        parts.append(show_mistakes(x, found, caption) if found else none)
    return section("Worst mistakes", *parts)
