"""The diagram of a model as a picture; a model that is opened is a picture within it."""

from dataclasses import dataclass
from typing import Any

from lamina.models.diagram import Box, Chart, Contents, chart_of
from lamina.models.diagram_drawing import INK, Picture, Rectangle, Stroke, Words, text_width
from lamina.models.diagram_layout import Line, Path, Spot, arrange

DIRECTIONS = ("TB", "LR", "BT", "RL")

_TITLE, _ROW = 12.0, 10.5  # sizes of the fonts
_PAD = 8.0
_MARGIN = 12.0
_GAP = (22.0, 30.0)  # between boxes of a row, and between rows
_BESIDE = 14.0  # how far lines of a layer that is called again are from the others
_GROUND, _FAINT, _INNER = "#ffffff", "#6b7280", "#f4f6fa"
_TRAINED, _FROZEN = "#1f7a4d", "#b3261e"

Point = tuple[float, float]
Shapes = list[Rectangle | Stroke | Words]


@dataclass
class _Tile:
    """A part of the picture: its size, its shapes, and where lines enter and leave it, from its corner."""

    width: float
    height: float
    shapes: Shapes
    entries: list[Point]
    exits: list[Point]


def picture_of(model: Any, contents: Contents, rankdir: str = "TB") -> Picture:
    """Draws a model.

    Args:
        model: a built one.
        contents: what is shown.
        rankdir: where the data flow: `"TB"` down, `"LR"` to the right, `"BT"` up, `"RL"` to the left.

    Raises:
        NotBuiltError: if the model is not built.
    """
    chart = chart_of(model, contents)
    tile = _Sheet(chart, rankdir, inside=False).tile()
    shapes = _moved(tile.shapes, _MARGIN, _MARGIN)
    return Picture(tile.width + 2 * _MARGIN, tile.height + 2 * _MARGIN, f"Model {chart.name}", shapes)


def _box_tile(box: Box, rankdir: str) -> _Tile:
    if box.inner is not None:
        return _frame(_Sheet(box.inner, rankdir, inside=True).tile(), box.title, rankdir)
    bold = text_width(box.title, _TITLE, bold=True)
    status = {True: "Trainable", False: "Not trainable", None: ""}[box.trainable]
    lengths = [bold + text_width(box.remark, _TITLE), text_width(status, _ROW)]
    words = max((text_width(f"{word}:", _ROW) for word, _ in box.rows), default=0.0) + _ROW / 2
    lengths += [words + text_width(value, _ROW) for _, value in box.rows]
    width, head, line = max(lengths) + 2 * _PAD, _TITLE + _PAD * 1.4, _ROW + 5
    lines = len(box.rows) + bool(status)
    height = head + lines * line + (_PAD if lines else 0)
    start = (width - lengths[0]) / 2
    shapes: Shapes = [
        Rectangle(0, 0, width, height, _GROUND),
        Rectangle(0, 0, width, head, INK),
        Words(start, head * 0.5 + _TITLE * 0.36, box.title, _TITLE, _GROUND, bold=True),
        Words(start + bold, head * 0.5 + _TITLE * 0.36, box.remark, _TITLE, "#d5dae4"),
    ]
    base = head + line
    for word, value in box.rows:
        shapes.append(Words(_PAD, base, f"{word}:", _ROW, _FAINT))
        shapes.append(Words(_PAD + words, base, value, _ROW))
        base += line
    if status:
        shapes.append(Words(_PAD, base, status, _ROW, _TRAINED if box.trainable else _FROZEN, bold=True))
    return _Tile(width, height, [s for s in shapes if not isinstance(s, Words) or s.text], [], [])


def _frame(tile: _Tile, title: str, rankdir: str) -> _Tile:
    """A model that is opened, in a frame with its name; lines from its edge lead to its inputs and from its outputs."""
    words, head = text_width(title, _ROW, bold=True), _ROW + _PAD
    left, top = _PAD, head + _PAD
    if rankdir in ("TB", "BT"):  # no line runs over the name
        left = max(left, words + 3 * _PAD - min(x for x, _ in (*tile.entries, *tile.exits)))
    width, height = max(tile.width + left, words + _PAD) + _PAD, tile.height + top + _PAD
    entries, exits = ([(x + left, y + top) for x, y in ends] for ends in (tile.entries, tile.exits))
    first = {"TB": (None, 0.0), "BT": (None, height), "LR": (0.0, None), "RL": (width, None)}[rankdir]
    last = {"TB": (None, height), "BT": (None, 0.0), "LR": (width, None), "RL": (0.0, None)}[rankdir]
    lines = [Stroke([_at(end, first), end]) for end in dict.fromkeys(entries)]
    lines += [Stroke([end, _at(end, last)], arrow=False) for end in dict.fromkeys(exits)]
    shapes: Shapes = [
        Rectangle(0, 0, width, height, _INNER, _FAINT, dashed=True),
        Words(_PAD, head, title, _ROW, _FAINT, bold=True),
        *lines,
        *_moved(tile.shapes, left, top),
    ]
    return _Tile(width, height, shapes, entries, exits)


def _at(point: Point, edge: tuple[float | None, float | None]) -> Point:
    """The nearest point on an edge of a frame, which is given by one of its two coordinates."""
    return (point[0] if edge[0] is None else edge[0], point[1] if edge[1] is None else edge[1])


class _Sheet:
    """Lays a chart out as if data flowed down, in sizes turned accordingly, and turns what it finds.

    Args:
        chart: what to lay out.
        rankdir: where the data flow.
        inside: whether it goes into a frame, so that lines lead from its outputs to the edge.
    """

    def __init__(self, chart: Chart, rankdir: str, inside: bool) -> None:
        self.turned = rankdir in ("LR", "RL")
        self.rankdir = rankdir
        self.chart = chart
        self.tiles = [_box_tile(box, rankdir) for box in chart.boxes]
        self.sizes = [(tile.height, tile.width) if self.turned else (tile.width, tile.height) for tile in self.tiles]
        self.again = sorted({edge.source for edge in chart.edges if edge.source == edge.target})
        self.outlets = chart.exits if inside else []

    def tile(self) -> _Tile:
        """The chart as a part of the picture."""
        sizes = [(w + 2 * _BESIDE * (place in self.again), h) for place, (w, h) in enumerate(self.sizes)]
        ends = range(len(sizes), len(sizes) + len(self.outlets))
        forward = [edge for edge in self.chart.edges if edge.source < edge.target]
        back = [edge for edge in self.chart.edges if edge.source > edge.target]
        lines = [
            Line(e.source, e.target, self._leaves(e.source, e.leaves), self._enters(e.target, e.enters))
            for e in forward
        ]
        lines += [Line(edge.target, edge.source, _BESIDE, _BESIDE) for edge in back]
        lines += [Line(o[0], end, self._leaves(*o)) for o, end in zip(self.outlets, ends, strict=True)]
        spots, paths = arrange([*sizes, *[(0.0, 0.0)] * len(self.outlets)], lines, _GAP, set(ends))
        self.along = max((spot.y + spot.height for spot in spots), default=0.0)
        points = [x for path in paths for x, _ in path]
        across = max([*(spot.x + spot.width / 2 for spot in spots), *points], default=0.0)
        strokes = [
            self._stroke(path, not self.tiles[e.target].entries) for path, e in zip(paths, forward, strict=False)
        ]
        strokes += [self._stroke(path[::-1]) for path in paths[len(forward) : len(forward) + len(back)]]
        strokes += [self._stroke(path, False) for path in paths[len(forward) + len(back) :]]
        strokes += [self._loop(spots[place], self.sizes[place]) for place in self.again]
        corners = [self._corner(spot, size) for spot, size in zip(spots, self.sizes, strict=False)]
        shapes: Shapes = [*strokes]
        for tile, corner in zip(self.tiles, corners, strict=True):
            shapes += _moved(tile.shapes, *corner)
        size = (self.along, across) if self.turned else (across, self.along)
        entries = [self._entry(place, number, spots[place], corners[place]) for place, number in self.chart.entries]
        return _Tile(*size, shapes, entries, [self._turn(spots[end].x, self.along) for end in ends])

    def _leaves(self, place: int, number: int) -> float:
        ends = self.tiles[place].exits
        return self._from_middle(place, ends[number]) if ends else 0.0

    def _enters(self, place: int, number: int) -> float:
        ends = self.tiles[place].entries
        return self._from_middle(place, ends[number]) if ends else 0.0

    def _from_middle(self, place: int, end: Point) -> float:
        return end[1 if self.turned else 0] - self.sizes[place][0] / 2

    def _turn(self, x: float, y: float) -> Point:
        """A point of the layout in the picture."""
        y = self.along - y if self.rankdir in ("BT", "RL") else y
        return (y, x) if self.turned else (x, y)

    def _corner(self, spot: Spot, size: Point) -> Point:
        one = self._turn(spot.x - size[0] / 2, spot.y)
        two = self._turn(spot.x + size[0] / 2, spot.y + size[1])
        return min(one[0], two[0]), min(one[1], two[1])

    def _entry(self, place: int, number: int, spot: Spot, corner: Point) -> Point:
        inner = self.tiles[place].entries
        return (corner[0] + inner[number][0], corner[1] + inner[number][1]) if inner else self._turn(spot.x, spot.y)

    def _stroke(self, path: Path, arrow: bool = True) -> Stroke:
        return Stroke([self._turn(*point) for point in path], arrow)

    def _loop(self, spot: Spot, size: Point) -> Stroke:
        """The line of a layer that is called on what it returned."""
        right, middle = spot.x + size[0] / 2, spot.y + size[1] / 2
        far = right + 0.8 * _BESIDE
        return self._stroke([(right, middle - 6), (far, middle - 6), (far, middle + 6), (right, middle + 6)])


def _moved(shapes: Shapes, dx: float, dy: float) -> Shapes:
    return [
        shape._replace(points=[(x + dx, y + dy) for x, y in shape.points])
        if isinstance(shape, Stroke)
        else shape._replace(x=shape.x + dx, y=shape.y + dy)
        for shape in shapes
    ]
