"""Where the boxes of a layered graph stand: in rows by their distance from the inputs, with few crossings.

Lines that pass a row have a place of their own in it, so no line runs over a box.
"""

import itertools
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

_SWEEPS = 8


@dataclass(eq=False)
class Spot:
    """A box in a row, or the place where a line passes it.

    Attributes:
        width: of the box.
        height: of the box.
        row: its number, from the inputs on.
        x: of the middle.
        y: of the top.
        above: the spots that lines come from, each with where on them and where on this one, from the middle.
        below: likewise, the spots that lines go to.
    """

    width: float
    height: float
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    above: list[tuple["Spot", float, float]] = field(default_factory=list)
    below: list[tuple["Spot", float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """A line between two spots: which they are, and where it touches them, from the middle."""

    source: int
    target: int
    leaves: float = 0.0
    enters: float = 0.0


Path = list[tuple[float, float]]


def arrange(
    sizes: list[tuple[float, float]], lines: list[Line], gap: tuple[float, float], last: Collection[int] = ()
) -> tuple[list[Spot], list[Path]]:
    """Finds places for boxes and lines.

    Args:
        sizes: width and height of each box.
        lines: from boxes to later ones.
        gap: between boxes in a row, and between rows.
        last: those that go into a row behind all others.

    Returns:
        The boxes, and the points of each line, from box to box. The picture begins at (0, 0).
    """
    spots = [Spot(*size) for size in sizes]
    for line in sorted(lines, key=lambda line: line.source):
        spots[line.target].row = max(spots[line.target].row, spots[line.source].row + 1)
    behind = max((spot.row for spot in spots), default=0) + 1
    for place in last:
        spots[place].row = behind
    passing: dict[tuple[int, float, int], Spot] = {}
    ways = [_way(line, spots, passing) for line in lines]
    rows: dict[int, list[Spot]] = defaultdict(list)
    for spot in (*spots, *passing.values()):
        rows[spot.row].append(spot)
    ordered = _order([rows[number] for number in sorted(rows)])
    _place(ordered, gap[0])
    top = 0.0
    bands = []
    for row in ordered:
        height = max(spot.height for spot in row)
        bands.append((top, top + height))
        for spot in row:
            spot.y = top + (height - spot.height) / 2
        top += height + (gap[1] if row[0].row + 2 < len(ordered) or not last else gap[1] / 2)
    left = min((spot.x - spot.width / 2 for row in ordered for spot in row), default=0.0)
    for row in ordered:
        for spot in row:
            spot.x -= left
    return spots, [_points(way, line, bands) for way, line in zip(ways, lines, strict=True)]


def _way(line: Line, spots: list[Spot], passing: dict[tuple[int, float, int], Spot]) -> list[Spot]:
    """The spots on a line; lines that leave a box at the same point share them."""
    source, target = spots[line.source], spots[line.target]
    way = [source]
    for row in range(source.row + 1, target.row):
        key = (line.source, line.leaves, row)
        if key not in passing:
            passing[key] = Spot(0.0, 0.0, row)
            _connect(way[-1], passing[key], line.leaves if way[-1] is source else 0.0, 0.0)
        way.append(passing[key])
    _connect(way[-1], target, line.leaves if way[-1] is source else 0.0, line.enters)
    return [*way, target]


def _connect(upper: Spot, lower: Spot, leaves: float, enters: float) -> None:
    upper.below.append((lower, leaves, enters))
    lower.above.append((upper, leaves, enters))


def _points(way: list[Spot], line: Line, bands: list[tuple[float, float]]) -> Path:
    """Straight down within a row, and slanting between two."""
    source, target = way[0], way[-1]
    points = [(source.x + line.leaves, source.y + source.height)]
    for spot in way:
        x = spot.x + (line.leaves if spot is source else line.enters if spot is target else 0.0)
        top, bottom = bands[spot.row]
        points += [(x, top)] * (spot is not source) + [(x, bottom)] * (spot is not target)
    points.append((target.x + line.enters, target.y))
    return [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]


def _order(rows: list[list[Spot]]) -> list[list[Spot]]:
    """Sorts the spots of each row by where their neighbours are, back and forth, and keeps the fewest crossings."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            _sort(row, rows, down)
        found = _crossings(rows)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _sort(row: list[Spot], rows: list[list[Spot]], down: bool) -> None:
    number = row[0].row + (-1 if down else 1)
    if not 0 <= number < len(rows):
        return
    place = {id(spot): index for index, spot in enumerate(rows[number])}
    keys = {}
    for index, spot in enumerate(row):
        near = [place[id(other)] for other, *_ in (spot.above if down else spot.below)]
        keys[id(spot)] = sum(near) / len(near) if near else index
    row.sort(key=lambda spot: keys[id(spot)])


def _crossings(rows: list[list[Spot]]) -> int:
    """Pairs of lines that cross: inversions among their lower ends, sorted by their upper ones."""
    count = 0
    for upper, lower in itertools.pairwise(rows):
        place = {id(spot): index for index, spot in enumerate(lower)}
        seen: list[float] = []
        for spot in upper:
            for other, leaves, _ in sorted(spot.below, key=lambda end: (end[1], place[id(end[0])])):
                del leaves
                count += len(seen) - bisect_right(seen, place[id(other)])
                insort(seen, place[id(other)])
    return count


def _place(rows: list[list[Spot]], gap: float) -> None:
    """Finds x for each spot: near its neighbours, as far as others in the row let it."""
    for row in rows:
        _settle(row, [0.0] * len(row), gap)
    for sweep in range(2 * _SWEEPS + 1):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wished = []
            for spot in row:
                up = [other.x + leaves - enters for other, leaves, enters in spot.above]
                low = [other.x + enters - leaves for other, leaves, enters in spot.below]
                near = (up or low) if down else (low or up)
                wished.append(sum(near) / len(near) if near else spot.x)
            _settle(row, wished, gap)


def _settle(row: list[Spot], wished: list[float], gap: float) -> None:
    """The places that are nearest to those wished for, in squares, in this order and without overlap.

    With the least distances taken off, the places must not fall: that is isotonic regression, by pooling neighbours
    that violate it.
    """
    offset, offsets = 0.0, [0.0]
    for left, right in itertools.pairwise(row):
        offset += (left.width + right.width) / 2 + gap
        offsets.append(offset)
    pools: list[tuple[float, int]] = []  # sum and number of what has been pooled
    for wish, shift in zip(wished, offsets, strict=True):
        total, size = wish - shift, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / size:
            before, number = pools.pop()
            total, size = total + before, size + number
        pools.append((total, size))
    values = [total / size for total, size in pools for _ in range(size)]
    for spot, value, shift in zip(row, values, offsets, strict=True):
        spot.x = value + shift
