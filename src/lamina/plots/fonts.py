"""Fonts for what is written in figures, in any script."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lamina.core.tracebacks import warn_user

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Script(NamedTuple):
    """A script that matplotlib's own font lacks.

    Attributes:
        fonts: families that are good for it, the best first.
        package: of Debian and Ubuntu, that brings one.
    """

    fonts: tuple[str, ...]
    package: str


_HAN = ("Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "Yu Gothic", "Hiragino Sans", "TakaoGothic", "MS Gothic")
_CHINESE = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei")
_HANGUL = ("NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic")

# By the first word of the names that Unicode gives to its signs.
SCRIPTS = {
    "HANGUL": Script((*_HANGUL, "NanumBarunGothic", "UnDotum", "Noto Sans CJK JP"), "fonts-nanum"),
    "CJK": Script((*_CHINESE, *_HAN), "fonts-noto-cjk"),
    "HIRAGANA": Script(_HAN, "fonts-noto-cjk"),
    "KATAKANA": Script(_HAN, "fonts-noto-cjk"),
    "DEVANAGARI": Script(("Noto Sans Devanagari", "Lohit Devanagari", "Nirmala UI", "Mangal"), "fonts-noto-core"),
    "THAI": Script(("Noto Sans Thai", "Loma", "Garuda", "Leelawadee UI", "Thonburi"), "fonts-thai-tlwg"),
}
_ANY = Script((), "fonts-noto-core")
_told: set[str] = set()


def show_scripts(ax: "Axes") -> None:
    """Gives each text on the axes fonts that have its signs, behind the one that it has; warns if there are none.

    Titles and labels get a font for each script, since they may still be written.

    Args:
        ax: the axes.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().subplots()
        >>> text = ax.set_title("α")
        >>> show_scripts(ax)
        >>> text.get_fontfamily()[0]
        'sans-serif'
    """
    from matplotlib.text import Text

    later = [family for script in SCRIPTS.values() for family in _installed(script.fonts)[:1]]
    written_later = (ax.title, ax.xaxis.label, ax.yaxis.label)
    for text in ax.findobj(Text):
        assert isinstance(text, Text)
        families = list(dict.fromkeys([*text.get_fontfamily(), *(later if text in written_later else ())]))
        for sign in lacking(text.get_text(), families):
            families += _found_or_told(sign)
        text.set_fontfamily(families)


def lacking(text: str, families: Sequence[str] = ("sans-serif",)) -> list[str]:
    """The signs of a text that no font of these families has, the first one of each script.

    Example:
        >>> lacking("accuracy α ≤ 1")
        []
    """
    rare = sorted({sign for sign in text if ord(sign) > 0x2FF and not sign.isspace()})
    if not rare:
        return []
    known = [_signs(family) for family in families]
    missing = [sign for sign in rare if not any(ord(sign) in signs for signs in known)]
    return list({script_of(sign): sign for sign in reversed(missing)}.values())


def font_with(sign: str) -> str | None:
    """The family of an installed font that has a sign: one that is good for its script, or any; or else `None`.

    Example:
        >>> font_with("α") is None
        False
    """
    script = SCRIPTS.get(script_of(sign), _ANY)
    return next((family for family in _search(script.fonts) if ord(sign) in _signs(family)), None)


def _found_or_told(sign: str) -> list[str]:
    family, script = font_with(sign), script_of(sign)
    if family is None and script not in _told:
        _told.add(script)
        warn_user(f"No installed font has {script.title()}, so '{sign}' is drawn as a box. {advice(sign)}")
    return [family] if family else []


def advice(sign: str) -> str:
    """What to install for a sign.

    Example:
        >>> print(advice("가"))
        Install one, such as NanumGothic (apt install fonts-nanum), and start Python again.
    """
    script = SCRIPTS.get(script_of(sign), _ANY)
    font = script.fonts[0] if script.fonts else "one of the Noto fonts"
    return f"Install one, such as {font} (apt install {script.package}), and start Python again."


def script_of(sign: str) -> str:
    """The script of a sign, in capitals.

    Example:
        >>> script_of("가"), script_of("漢")
        ('HANGUL', 'CJK')
    """
    return unicodedata.name(sign, "UNKNOWN").split()[0].split("-")[0]


def _installed(fonts: Iterable[str]) -> list[str]:
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return [font for font in fonts if font in known]


def _search(fonts: Iterable[str]) -> Iterable[str]:
    """Installed families, the good ones first; asked for one after the other, since opening a font takes time."""
    from matplotlib import font_manager

    yield from _installed(fonts)
    yield from dict.fromkeys(entry.name for entry in font_manager.fontManager.ttflist)


@lru_cache(maxsize=512)
def _signs(family: str) -> frozenset[int]:
    """The signs that a family has, as numbers of Unicode."""
    from matplotlib import font_manager

    path = font_manager.findfont(font_manager.FontProperties(family=[family]))
    return frozenset(font_manager.get_font(path).get_charmap())
