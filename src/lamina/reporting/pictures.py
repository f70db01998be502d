"""Pictures within a page: figures in light and dark, and images of data."""

import base64
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.plots.fonts import show_scripts
from lamina.plots.style import find_style, prepare_axes
from lamina.reporting.markup import Html, element

_LARGEST = 2000  # points that are drawn one by one; more become a raster image within the figure


def figure(draw: Callable[[Any, str], None], caption: str, alt: str, size: tuple[float, float] = (5.0, 3.4)) -> Html:
    """A figure, drawn twice: the reader's settings choose between light and dark; paper is light.

    Args:
        draw: draws on axes in a style.
        caption: below the figure.
        alt: what is to be seen, for those who do not see it; what is in the legend is added.
        size: width and height, inches.
    """
    drawn = [_svg(draw, style, size) for style in ("light", "dark")]
    light, dark = (_data("image/svg+xml", file) for file, _ in drawn)
    alt = " ".join([alt, *(f"Legend: {', '.join(labels)}." for _, labels in drawn[:1] if labels)])
    source = element("source", media="screen and (prefers-color-scheme: dark)", srcset=dark)
    width, height = (round(96 * side) for side in size)
    picture = element("picture", source, element("img", src=light, alt=alt, width=width, height=height))
    return element("figure", picture, element("figcaption", caption))


def _svg(draw: Callable[[Any, str], None], style: str, size: tuple[float, float]) -> tuple[bytes, list[str]]:
    import matplotlib
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "lamina"}):
        sheet = Figure(figsize=size, layout="constrained")
        axes = prepare_axes(sheet.subplots(), find_style(style))
        draw(axes, style)
        show_scripts(axes)
        for points in sheet.findobj(PathCollection):
            points.set_rasterized(np.shape(points.get_offsets())[0] > _LARGEST)
        sheet.savefig(file, format="svg", dpi=150, metadata={"Date": None})
    return file.getvalue(), axes.get_legend_handles_labels()[1]


def drawing(svg: str, alt: str) -> Html:
    """A drawing that exists as SVG."""
    return element("img", src=_data("image/svg+xml", svg.encode()), alt=alt, class_="drawing")


def image(pixels: np.ndarray, low: float, high: float, alt: str) -> Html:
    """An image of data.

    Args:
        pixels: `(height, width)`, or with 1, 3 or 4 channels behind.
        low: what is black.
        high: what is white.
        alt: what it is.
    """
    scaled = (np.nan_to_num(pixels.astype("float64")) - low) / ((high - low) or 1.0)
    grey_or_colour = np.clip(np.rint(255 * scaled), 0, 255).astype("uint8")
    return element("img", src=_data("image/png", png(grey_or_colour)), alt=alt, class_="pixels")


def png(pixels: np.ndarray) -> bytes:
    r"""An image file.

    Args:
        pixels: uint8 `(height, width)`, or with 1, 3 or 4 channels behind.

    Example:
        >>> png(np.zeros((2, 3), "uint8"))[:8]
        b'\x89PNG\r\n\x1a\n'
    """
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    kind = {1: 0, 3: 2, 4: 6}[rows.shape[1] // width]
    unfiltered = np.concatenate([np.zeros((height, 1), "uint8"), rows], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
