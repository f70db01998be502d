import io
import warnings
from string import Formatter

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure

from lamina import plots
from lamina.core.errors import ArgumentError
from lamina.plots import fonts
from lamina.plots.translations import KOREAN

LOGS = {"loss": [2.0, 1.0], "val_loss": [3.0, 2.0]}


@pytest.fixture
def no_fonts(monkeypatch):
    """As on a machine with matplotlib's own fonts only."""
    own = [entry for entry in font_manager.fontManager.ttflist if entry.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(fonts, "_told", set())


@pytest.fixture
def korean_font(no_fonts, tmp_path):
    """A font whose every Hangul syllable is a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0)), pen.lineTo((0, 900)), pen.lineTo((900, 900)), pen.lineTo((900, 0)), pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({number: "square" for number in range(0xAC00, 0xD7A4)})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "square": (1000, 0)})
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "squares.ttf"
    builder.save(path)
    font_manager.fontManager.addfont(path)
    return "Squares"


def test_labels_are_korean_and_have_a_font(korean_font, ax):
    with plots.use_language("ko"):
        plots.learning_curves(LOGS, ax=ax)
    assert ax.get_xlabel() == "에포크"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["손실", "손실 (검증)", "최적: 에포크 2"]
    assert korean_font in ax.xaxis.label.get_fontfamily()
    ax.figure.savefig(io.BytesIO())  # matplotlib would warn of a sign without a font
    plots.learning_curves(LOGS, ax=ax)
    assert ax.get_xlabel() == "epoch"


def test_without_a_font_words_stay_english_with_a_note(no_fonts, ax):
    with pytest.warns(UserWarning, match="No installed font has Hangul.*stay English.*fonts-nanum"):
        chosen = plots.use_language("ko")
    with chosen:
        plots.learning_curves(LOGS, ax=ax)
    assert ax.get_xlabel() == "epoch"


def test_names_of_classes_without_a_font_are_told_of_once(no_fonts):
    images = np.zeros((2, 4, 4))
    with pytest.warns(UserWarning, match="No installed font has Hangul, so '.' is drawn as a box.*fonts-nanum") as seen:
        plots.image_grid(images, [0, 1], class_names=["고양이", "개"], fig=Figure())
    assert len(seen) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.image_grid(images, [0, 1], class_names=["고양이", "개"], fig=Figure())


def test_names_of_classes_get_a_font(korean_font):
    (cell,) = plots.image_grid(np.zeros((1, 4, 4)), [0], class_names=["고양이"], fig=Figure())
    assert cell.title.get_fontfamily()[-1] == korean_font


def test_a_title_written_later_has_the_font_of_the_script(korean_font, monkeypatch, ax):
    script = fonts.Script((korean_font,), "fonts-nanum")
    monkeypatch.setitem(fonts.SCRIPTS, "HANGUL", script)
    plots.learning_curves(LOGS, ax=ax)
    ax.set_title("학습 곡선")
    ax.figure.savefig(io.BytesIO())


def test_a_language_of_ones_own(ax):
    with plots.use_language("de", {"epoch": "Epoche", "loss": "Verlust"}):
        plots.learning_curves(LOGS, ax=ax, metrics=["loss"])
    assert ax.get_xlabel() == "Epoche"
    assert ax.lines[0].get_label() == "Verlust"


def test_an_unknown_language():
    with pytest.raises(ArgumentError, match=r"no words for the language 'kr'[^$]*words="):
        plots.use_language("kr")


def test_translations_have_the_same_fields():
    def fields(text):
        return [name for _, name, _, _ in Formatter().parse(text) if name]

    assert {text: fields(text) for text in KOREAN} == {text: fields(other) for text, other in KOREAN.items()}


def test_every_word_that_plots_write_is_translated():
    import re
    from pathlib import Path

    source = "".join(path.read_text(encoding="utf-8") for path in Path(plots.__file__).parent.glob("*.py"))
    written = set(re.findall(r'word\("([^"]+)"\)', source))
    assert len(written) > 25
    assert written <= set(KOREAN)
