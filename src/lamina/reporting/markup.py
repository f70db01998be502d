"""HTML that is put together from parts; whatever is no markup yet is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_VOID = frozenset({"img", "link", "meta", "source"})


class Html(str):
    """Text that is markup already."""


def element(tag: str, *children: Any, **attributes: Any) -> Html:
    """An element with its children.

    Args:
        tag: its name.
        *children: markup, or values that become text; `None` is left out.
        **attributes: a `_` at the end is taken off, others become `-`; `None` is left out, `True` has no value.

    Example:
        >>> print(element("p", "2 < 3", class_="note"))
        <p class="note">2 &lt; 3</p>
    """
    opening = "".join([tag, *(_attribute(name, value) for name, value in attributes.items() if value is not None)])
    return Html(f"<{opening}>" if tag in _VOID else f"<{opening}>{joined(children)}</{tag}>")


def joined(parts: Iterable[Any]) -> Html:
    """Parts one after the other.

    Example:
        >>> print(joined(["a & b", element("b", "c")]))
        a &amp; b<b>c</b>
    """
    return Html("".join(part if isinstance(part, Html) else escape(str(part)) for part in parts if part is not None))


def _attribute(name: str, value: Any) -> str:
    name = name.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def number(value: Any) -> str:
    """A number as people read it.

    Example:
        >>> number(50610), number(0.123456), number(2.0), number(1e-9), number(float("nan"))
        ('50,610', '0.1235', '2', '1e-09', 'nan')
    """
    if isinstance(value, int) or (abs(value) < 1e15 and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:.4g}"


def table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[Any]], class_: str | None = None) -> Html:
    """A table whose first column names its rows; where it is too wide it scrolls by itself.

    Args:
        caption: what it shows.
        titles: of the columns.
        rows: cells: markup of a whole cell, numbers, or text.
        class_: for the style sheet.
    """
    filled = [list(row) for row in rows]
    numeric = [any(map(_is_number, cells)) for cells in zip(*filled, strict=True)] or [False] * len(titles)
    heads = zip(titles, numeric, strict=True)
    head = element("tr", *(element("th", title, scope="col", class_=_kind(right)) for title, right in heads))
    body = (element("tr", element("th", _shown(first), scope="row"), *map(_cell, rest)) for first, *rest in filled)
    parts = element("caption", caption), element("thead", head), element("tbody", *body)
    return scrolling(element("table", *parts, class_=class_), caption)


def _cell(value: Any) -> Html:
    if isinstance(value, Html) and value.startswith("<td"):
        return value
    return element("td", _shown(value), class_=_kind(_is_number(value)))


def _kind(is_number: bool) -> str | None:
    return "number" if is_number else None


def _shown(value: Any) -> Any:
    return number(value) if _is_number(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def scrolling(content: Html, label: str) -> Html:
    """A part that scrolls by itself where it is too wide, also with the keyboard."""
    return element("div", content, class_="scroll", role="region", aria_label=label, tabindex=0)


def section(title: str, *parts: Any) -> Html:
    """A part of the page with its heading, which `anchor` leads to."""
    heading = element("h2", title, id=f"{anchor(title)}-heading")
    return element("section", heading, *parts, id=anchor(title), aria_labelledby=f"{anchor(title)}-heading")


def anchor(title: str) -> str:
    """What a section is called in links.

    Example:
        >>> anchor("Worst mistakes")
        'worst-mistakes'
    """
    return title.lower().replace(" ", "-")
