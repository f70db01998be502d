"""The language of the words that plots write by themselves."""

from collections.abc import Mapping

from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.tracebacks import public, warn_user
from lamina.plots.fonts import advice, font_with, lacking, script_of
from lamina.plots.setting import Choice, Setting
from lamina.plots.style import require_matplotlib
from lamina.plots.translations import KOREAN

LANGUAGES: dict[str, Mapping[str, str]] = {"en": {}, "ko": KOREAN}
_chosen: Setting[Mapping[str, str]] = Setting({})


@public
def use_language(name: str, words: Mapping[str, str] | None = None) -> Choice[Mapping[str, str]]:
    """Chooses the language of axes' labels and legends.

    Without a font for its script a warning tells what to install, and the words stay English.

    Args:
        name: `"en"`, `"ko"`, or another if its words are given.
        words: translations of one's own, such as `{"epoch": "Epoche"}`; they go before lamina's, and what neither
            has stays English.

    Returns:
        For a `with` statement, after whose block the language is again what it was.

    Raises:
        ArgumentError: if lamina does not know the language and no words are given.
        MissingExtraError: if matplotlib is not installed.

    Example:
        >>> with use_language("de", {"epoch": "Epoche"}):
        ...     word("epoch"), word("loss")
        ('Epoche', 'loss')
        >>> word("epoch")
        'epoch'
    """
    require_matplotlib("use_language()")
    if not isinstance(name, str) or (name not in LANGUAGES and words is None):
        raise ArgumentError(
            f"There are no words for the language {name!r}. Received: name={name!r}",
            hint=f"{suggestion(name, LANGUAGES)} For another language pass words={{'epoch': …, 'loss': …}}.",
        )
    if not isinstance(words, Mapping | None):
        raise ArgumentTypeError(f"use_language: words must be a dict of translations. Received: words={words!r}")
    table = {**LANGUAGES.get(name, {}), **(words or {})}
    boxes = [sign for sign in lacking("".join(table.values())) if font_with(sign) is None]
    if boxes:
        script = script_of(boxes[0]).title()
        warn_user(f"No installed font has {script}, so the words of plots stay English. {advice(boxes[0])}")
        table = {}
    return _chosen.choose(table)


def word(text: str) -> str:
    """A word or phrase in the chosen language; as it is if there is no translation.

    Example:
        >>> word("epoch")
        'epoch'
    """
    return _chosen.value.get(text, text)
