"""A report on a trained model: one page of HTML that needs nothing else."""

import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, NotCompiledError
from lamina.core.files import replacing
from lamina.core.tracebacks import public
from lamina.core.validate import file_path
from lamina.models import Model
from lamina.plots.classes import class_words
from lamina.plots.style import STYLES, require_matplotlib
from lamina.reporting import sections
from lamina.reporting.examples import Examples, examples_of
from lamina.reporting.judging import Judgement, judge
from lamina.reporting.markup import Html, anchor, element, joined
from lamina.reporting.reproduction import reproduction
from lamina.training.outputs import Outputs, match_targets


@public
def report(
    model: Any,
    history: Any,
    test_data: Any,
    path: str | os.PathLike[str] = "report.html",
    *,
    class_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    title: str | None = None,
) -> str:
    """Writes a page about a trained model that needs no network: open it in any browser, send it, print it.

    It shows the model, the data, the learning curves, the results on the test data, where the model is right
    and wrong, its worst mistakes, and what is needed to train it again.

    Args:
        model: trained and compiled.
        history: what `fit` returned, or its dictionary; `None` leaves the curves out.
        test_data: `(x, y)` or `(x, y, sample_weight)`; or a source of such batches that knows its length.
        path: of the file, which is replaced.
        class_names: a word for each class or label, or a dict of such by output; numbers when left out.
        title: of the page.

    Returns:
        The full path of the file.

    Raises:
        NotCompiledError: if the model is not compiled.
        DataError: for data without targets or rows.
        ArgumentError: if the history is empty, or there are not as many words as classes.
        MissingExtraError: if matplotlib is not installed.
        FileError: if the file cannot be written.

    Example:
        >>> import lamina, tempfile
        >>> model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.arange(20.0).reshape(10, 2) / 20
        >>> history = model.fit(x, x.sum(axis=1), epochs=2, verbose=0)
        >>> path = report(model, history, (x, x.sum(axis=1)), Path(tempfile.mkdtemp(), "report.html"))
        >>> Path(path).read_text().startswith("<!DOCTYPE html>")
        True
    """
    require_matplotlib("report()")
    if not isinstance(model, Model):
        raise ArgumentTypeError(f"report: model must be a model of lamina's. Received: {type(model).__name__}")
    path = file_path("report", "path", path)
    if model.objective is None:
        raise NotCompiledError(
            f"report: model '{model.name}' is not compiled, so there are no results to report.",
            hint="call model.compile(loss=…), and fit it.",
        )
    curves = None if history is None else sections.curves(history)
    examples = examples_of(test_data)
    results, judgements = _test(model, examples, class_names)
    parts = [
        sections.model(model),
        sections.data(examples, model.objective.outputs.names, judgements),
        curves,
        sections.results(results, len(examples), judgements),
        sections.evidence(judgements),
        sections.mistakes(examples.x, judgements),
        reproduction(model, history),
    ]
    page = _page(title or f"Model {model.name}", results, [part for part in parts if part])
    with replacing(path, "w", encoding="utf-8") as file:
        file.write(page)
    return str(Path(path).resolve())


def _test(model: Any, examples: Examples, class_names: Any) -> tuple[dict[str, Any], list[Judgement]]:
    """The model's own metrics, and a judgement for each output that has targets."""
    results = model.evaluate(examples.x, examples.y, sample_weight=examples.weights, verbose=0, return_dict=True)
    predictions = model.predict(examples.x, verbose=0)
    objective = model.objective
    targets = match_targets(objective.outputs, examples.y)
    found = zip(objective.outputs.names, targets, objective.outputs.flatten(predictions), objective.losses, strict=True)
    words = _words(class_names, objective.outputs, predictions)
    judgements = [
        judge(name, true, predicted, bool(getattr(loss, "from_logits", False)), names)
        for (name, true, predicted, loss), names in zip(found, words, strict=True)
        if true is not None
    ]
    return results, judgements


def _words(class_names: Any, outputs: Outputs, predictions: Any) -> list[list[str] | None]:
    """The words for the classes of each output; those given for all are for outputs with as many classes."""
    counts = [max(2, np.shape(predicted)[-1]) for predicted in outputs.flatten(predictions)]
    if isinstance(class_names, Mapping):
        given = [class_words("report", words) for words in outputs.match(class_names, "class_names")]
    else:
        shared = class_words("report", class_names)
        fitting = [shared is not None and len(shared) == count for count in counts]
        given = [shared if fits or not any(fitting) else None for fits in fitting]
    for words, name, count in zip(given, outputs.names, counts, strict=True):
        if words is not None and len(words) != count:
            raise ArgumentError(
                f"report: class_names has {len(words)} words, but the output '{name}' has {count} classes.",
                hint="give a word for each class, in their order; for several outputs a dict by output.",
            )
    return given


def _page(title: str, results: dict[str, Any], parts: list[Html]) -> str:
    style = joined([_colours(), Html(files("lamina.reporting").joinpath("page.css").read_text(encoding="utf-8"))])
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    links = [element("li", element("a", name, href=f"#{anchor(name)}")) for name in map(sections.title_of, parts)]
    body = element(
        "body",
        element("a", "Skip to the report", href="#content", class_="skip"),
        element("header", element("h1", title), sections.headline(results)),
        element("nav", element("ul", *links), aria_label="Sections"),
        element("main", *parts, id="content", tabindex=-1),
        element("footer", element("p", "Written by lamina.report().")),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _colours() -> Html:
    """The colours of the plots as properties for the style sheet."""
    rules = []
    for media, style in (("all", STYLES["light"]), ("screen and (prefers-color-scheme: dark)", STYLES["dark"])):
        named = {"ground": style.ground, "ink": style.ink, "faint": style.faint, "accent": style.series[0]}
        named.update(right=style.right, wrong=style.wrong)
        colours = "; ".join(f"--{name}: {colour}" for name, colour in named.items())
        rules.append(f"@media {media} {{ :root {{ {colours} }} }}\n")
    return Html("".join(rules))
