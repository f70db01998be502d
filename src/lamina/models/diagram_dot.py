"""The diagram of a model in the DOT language of graphviz."""

import os
from collections.abc import Iterator
from html import escape
from typing import Any

from lamina.core.files import replacing
from lamina.models.diagram import Box, Chart


class Dot:
    """A graph in the DOT language.

    Args:
        chart: the boxes and edges.
        subgraph: whether it is a cluster, to stand in another graph.
        **attributes: of the graph.

    Example:
        >>> from lamina.models.diagram import Chart
        >>> print(Dot(Chart("empty", [], [], [], []), rankdir="LR"))
        digraph "empty" {
          graph [rankdir="LR"];
          node [shape="plain", fontname="Helvetica"];
        }
    """

    def __init__(self, chart: Chart, subgraph: bool = False, **attributes: Any) -> None:
        self.chart = chart
        self.subgraph = subgraph
        self.attributes = attributes

    def to_string(self) -> str:
        """The text."""
        if self.subgraph:
            lines = [*_cluster(self.chart, self.chart.name, ""), ""]
            return "\n".join(lines)
        options = ", ".join(f"{name}={_quoted(str(value))}" for name, value in self.attributes.items())
        body = [f"graph [{options}];", 'node [shape="plain", fontname="Helvetica"];', *_body(self.chart, "")]
        return "\n".join([f"digraph {_quoted(self.chart.name)} {{", *(f"  {line}" for line in body), "}", ""])

    def __str__(self) -> str:
        return self.to_string().rstrip("\n")

    @property
    def source(self) -> str:
        """The text."""
        return self.to_string()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the text to a file."""
        with replacing(path, "w", encoding="utf-8") as file:
            file.write(self.to_string())


def _body(chart: Chart, prefix: str) -> Iterator[str]:
    for place, box in enumerate(chart.boxes):
        if box.inner is not None:
            yield from _cluster(box.inner, box.title, f"{prefix}{place}/")
        else:
            yield f"{_quoted(f'{prefix}{place}')} [label=<{_table(box)}>];"
    ways = [
        (
            _leaf(chart, edge.source, edge.leaves, prefix, "exits"),
            _leaf(chart, edge.target, edge.enters, prefix, "entries"),
        )
        for edge in chart.edges
    ]
    for source, target in dict.fromkeys(ways):
        yield f"{_quoted(source)} -> {_quoted(target)};"


def _cluster(chart: Chart, title: str, prefix: str) -> Iterator[str]:
    yield f"subgraph {_quoted(f'cluster_{prefix}{title}')} {{"
    yield f'  label={_quoted(title)}; labeljust="l"; style="dashed";'
    yield from (f"  {line}" for line in _body(chart, prefix))
    yield "}"


def _leaf(chart: Chart, place: int, number: int, prefix: str, side: str) -> str:
    """The box that an edge ends at, within the models that are opened."""
    inner = chart.boxes[place].inner
    if inner is None:
        return f"{prefix}{place}"
    within, end = getattr(inner, side)[number]
    return _leaf(inner, within, end, f"{prefix}{place}/", side)


def _table(box: Box) -> str:
    head = f'<font color="white"><b>{escape(box.title)}</b>{escape(box.remark)}</font>'
    rows = [f'<tr><td bgcolor="black">{head}</td></tr>']
    rows += [f"<tr><td>{escape(word)}: <b>{escape(value)}</b></td></tr>" for word, value in box.rows]
    if box.trainable is not None:
        colour, status = ("forestgreen", "Trainable") if box.trainable else ("firebrick", "Non-trainable")
        rows.append(f'<tr><td bgcolor="{colour}"><font color="white">{status}</font></td></tr>')
    return f'<table border="0" cellborder="1" cellspacing="0" cellpadding="6">{"".join(rows)}</table>'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
