"""Shapes and words of a picture, as SVG text or through matplotlib."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from lamina.core.errors import missing_extra

FONTS = "DejaVu Sans, Verdana, Arial, sans-serif"  # of equal widths, the last ones a little narrower
INK = "#1f2430"
_LARGEST = 60_000  # pixels on a side, a little less than the renderer can do

# Widths of the signs from space to tilde in this font, in hundredths of its size: plain, and bold.
_PLAIN = """
    32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 100 68 69 70
    77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 50 61 63 55 63 62 35 63
    63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84
""".split()
_BOLD = """
    35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 100 77 76
    73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 50 67 72 59 72 68
    44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84
""".split()


class Rectangle(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = INK
    dashed: bool = False


class Stroke(NamedTuple):
    """A line through points, with or without an arrowhead at its end."""

    points: list[tuple[float, float]]
    arrow: bool = True


class Words(NamedTuple):
    """Text by the left end of its base line."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    bold: bool = False


def text_width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is.

    Example:
        >>> text_width("iii", 10) < text_width("www", 10) < text_width("층층층", 10)
        True
    """
    widths = _BOLD if bold else _PLAIN
    known = {chr(32 + place): float(width) / 100 for place, width in enumerate(widths)}
    wide = {sign: 1.0 for sign in text if unicodedata.east_asian_width(sign) in "WF"}
    return 1.02 * size * sum(known.get(sign) or wide.get(sign, 0.7) for sign in text)


@dataclass
class Picture:
    """Shapes, in points of 1/72 inch, in the order in which they are drawn.

    Attributes:
        width: of the picture.
        height: of the picture.
        title: for those who hear it.
        shapes: what is on it.
    """

    width: float
    height: float
    title: str
    shapes: list[Rectangle | Stroke | Words] = field(default_factory=list)

    def svg(self) -> str:
        """The picture as SVG."""
        size = f'width="{self.width:g}pt" height="{self.height:g}pt" viewBox="0 0 {self.width:g} {self.height:g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}">'
        ground = f'<rect width="{self.width:g}" height="{self.height:g}" fill="#ffffff"/>'
        lines = [head, f"<title>{escape(self.title)}</title>", ground, *map(_as_svg, self.shapes), "</svg>"]
        return "\n".join(lines) + "\n"

    def save(self, path: Any, kind: str, dpi: float, finish: Callable[[Any], None] | None = None) -> None:
        """Writes the picture with matplotlib.

        Args:
            path: the file, or where its bytes go.
            kind: `"png"`, or another format of matplotlib's.
            dpi: dots per inch; fewer if the picture would be larger than can be drawn.
            finish: called with matplotlib's axes before they are written.

        Raises:
            MissingExtraError: if matplotlib is not installed.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise missing_extra("plots", "matplotlib", f"Drawing a model as {kind.upper()}") from error
        figure = Figure(figsize=(self.width / 72, self.height / 72), facecolor="#ffffff")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        axes.set_axis_off()
        for order, shape in enumerate(self.shapes, 1):
            _on_axes(axes, shape, order)
        if finish is not None:
            finish(axes)
        figure.savefig(path, format=kind, dpi=min(dpi, _LARGEST * 72 / max(self.width, self.height)))


def _head(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the arrowhead at the end of a line."""
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - 7 * dx, y1 - 7 * dy)
    return [(x1, y1), (back[0] - 3.2 * dy, back[1] + 3.2 * dx), (back[0] + 3.2 * dy, back[1] - 3.2 * dx)]


def _as_svg(shape: Rectangle | Stroke | Words) -> str:
    if isinstance(shape, Rectangle):
        dashes = ' stroke-dasharray="5 4"' if shape.dashed else ""
        place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}"'
        return f'<rect {place} fill="{shape.fill}" stroke="{shape.stroke}"{dashes}/>'
    if isinstance(shape, Stroke):
        line, head = (" ".join(f"{x:.1f},{y:.1f}" for x, y in part) for part in (shape.points, _head(shape.points)))
        tip = f'<polygon points="{head}" fill="{INK}"/>' if shape.arrow else ""
        return f'<polyline points="{line}" fill="none" stroke="{INK}"/>{tip}'
    weight = ' font-weight="bold"' if shape.bold else ""
    place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" fill="{shape.colour}"'
    return f'<text {place}{weight} xml:space="preserve">{escape(shape.text)}</text>'


def _on_axes(axes: Any, shape: Rectangle | Stroke | Words, order: int) -> None:
    from matplotlib import lines, patches

    if isinstance(shape, Rectangle):
        style = "--" if shape.dashed else "-"
        corner = (shape.x, shape.y)
        axes.add_patch(
            patches.Rectangle(
                corner, shape.width, shape.height, fc=shape.fill, ec=shape.stroke, lw=1, ls=style, zorder=order
            )
        )
    elif isinstance(shape, Stroke):
        axes.add_artist(lines.Line2D(*zip(*shape.points, strict=True), color=INK, lw=1, zorder=order))
        if shape.arrow:
            axes.add_patch(patches.Polygon(_head(shape.points), fc=INK, lw=0, zorder=order))
    else:
        weight = "bold" if shape.bold else "normal"
        options = {"fontsize": shape.size, "color": shape.colour, "fontweight": weight, "parse_math": False}
        axes.text(shape.x, shape.y, shape.text, zorder=order, va="baseline", **options)
