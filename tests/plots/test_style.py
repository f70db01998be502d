import sys

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure

from lamina import plots
from lamina.core.errors import ArgumentError, ArgumentTypeError, MissingExtraError
from lamina.plots.series import MOST
from lamina.plots.style import MARKERS, STYLES, find_style

LOGS = {"loss": [2.0, 1.0]}


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"learning_curves\(\) needs [^$]*lamina\[plots\]"):
        plots.learning_curves(LOGS)


def luminance(colour):
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one, other):
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_colours_can_be_read_on_their_ground(style):
    assert min(contrast(colour, style.ground) for colour in (style.ink, style.right, style.wrong)) >= 4.5
    assert min(contrast(colour, style.ground) for colour in style.series) >= 3


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_shades_change_evenly_in_grey(style):
    y = np.array([luminance(colour) for colour in style.shades()(np.linspace(0, 1, 11))])
    lightness = np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)  # L* of CIELAB
    steps = np.abs(np.diff(lightness))
    assert np.ptp(lightness) > 45
    assert steps.max() < 1.6 * steps.min()


def test_lines_differ_in_more_than_colour():
    style = STYLES["light"]
    looks = [style.line(place) for place in range(MOST)]
    assert len({(str(look["linestyle"]), look.get("marker")) for look in looks}) == MOST
    assert len(style.series) == len(set(style.series)) == len(MARKERS)


def test_a_long_legend_stands_beside_the_axes(ax):
    runs = {str(place): LOGS for place in range(7)}
    plots.compare_runs(runs, ax=ax)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1


def test_the_chosen_style_holds_for_a_block_or_until_another_is_chosen():
    with plots.use_style("dark"):
        assert plots.learning_curves(LOGS, ax=Figure().subplots()).get_facecolor() == to_rgba(STYLES["dark"].ground)
        light = plots.learning_curves(LOGS, ax=Figure().subplots(), style="light")
        assert light.get_facecolor() == to_rgba(STYLES["light"].ground)
    assert find_style() is STYLES["light"]
    plots.use_style("dark")
    try:
        assert find_style() is STYLES["dark"]
    finally:
        plots.use_style("light")
    with pytest.raises(ArgumentError, match="did you mean dark"):
        plots.use_style("drak")


def test_nothing_global_is_changed_and_given_axes_make_no_figure():
    plt = pytest.importorskip("matplotlib.pyplot")
    before, open_figures = dict(rcParams), plt.get_fignums()
    plots.learning_curves(LOGS, ax=Figure().subplots(), style="dark")
    assert dict(rcParams) == before
    assert plt.get_fignums() == open_figures


def test_a_new_figure_is_pyplots_and_closed_again_on_errors():
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    ax = plots.learning_curves(LOGS, style="dark")
    assert plt.gcf() is ax.get_figure()
    assert ax.get_figure().get_facecolor() == to_rgba(STYLES["dark"].ground)
    plt.close(ax.get_figure())
    with pytest.raises(ArgumentError, match="is empty"):
        plots.learning_curves({})
    assert plt.get_fignums() == before


@pytest.mark.parametrize("ax", [Figure(), np.array([None, None]), "dark"])
def test_what_is_no_axes(ax):
    with pytest.raises(ArgumentTypeError, match=f"a {type(ax).__name__}\n\nhint: figure.subplots"):
        plots.learning_curves(LOGS, ax=ax)


def test_misspelt_names_get_suggestions():
    with pytest.raises(AttributeError, match="did you mean learning_curves"):
        _ = plots.learning_curve
    with pytest.raises(TypeError, match="did you mean style"):
        plots.learning_curves(LOGS, stile="dark")
