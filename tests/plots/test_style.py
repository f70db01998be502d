import sys

import pytest

from lamina.core.errors import MissingExtraError
from lamina.plots import require_matplotlib
from lamina.plots.style import STYLES


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"lamina\[plots\]"):
        require_matplotlib("learning_curves()")


def contrast(one, other):
    """WCAG's contrast ratio of two colours, from 1 to 21."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_colours_can_be_read_on_their_ground(style):
    assert min(contrast(colour, style.ground) for colour in (style.ink, style.right, style.wrong)) >= 4.5
    assert min(contrast(colour, style.ground) for colour in style.series) >= 3
