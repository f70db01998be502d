"""Summaries of one's own for TensorBoard, written as with `tf.summary` (the extra `tensorboard`).

A function writes to the default writer, and returns whether there is one.

Example:
    >>> import tempfile
    >>> writer = create_file_writer(tempfile.mkdtemp())
    >>> with writer.as_default():
    ...     scalar("loss", 0.25, step=1)
    True
    >>> scalar("loss", 0.125, step=2)
    False
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.tensorboard import summaries
from lamina.tensorboard.events import FileWriter, checked_step, default_writer
from lamina.tensorboard.program_graph import program_graph
from lamina.tensorboard.projector import write_embedding
from lamina.tensorboard.search import write_search

__all__ = ["FileWriter", "create_file_writer", "embedding", "graph", "histogram", "hparams", "hparams_config", "image"]
__all__ += ["scalar", "search", "text"]


def create_file_writer(
    logdir: str | os.PathLike[str],
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
) -> FileWriter:
    """Makes a writer of event files; within `with writer.as_default():` the other functions write to it.

    Args:
        logdir: the folder of the run; it is made if it is missing.
        max_queue: how many records may wait before they are written, 10 when left out.
        flush_millis: how long they may wait, milliseconds; 2 minutes when left out.
        filename_suffix: the end of the file's name.
        name: taken for the sake of old code, and not used.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
        FileError: if the folder cannot be made or written to.
    """
    del name
    return FileWriter(logdir, max_queue, flush_millis, filename_suffix)


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Writes a number.

    Args:
        name: its tag; a `/` makes groups.
        data: the number.
        step: where it stands on the horizontal axis; the writer's when left out.
        description: in Markdown.

    Raises:
        ArgumentError: without a step.
        DataError: for what is no number.
    """
    return _write(name, step, lambda: summaries.scalar(name, data, description))


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> bool:
    """Writes images.

    Args:
        name: their tag.
        data: `(images, height, width, channels)`; integers from 0 to 255, or floats from 0 to 1.
        step: as for `scalar`.
        max_outputs: how many of them are written at most.
        description: in Markdown.

    Raises:
        ArgumentError: without a step.
        DataError: for another shape.
    """
    return _write(name, step, lambda: summaries.image(name, data, max_outputs, description))


def histogram(
    name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None
) -> bool:
    """Writes how numbers are distributed.

    Args:
        name: their tag.
        data: numbers of any shape; those that are NaN or infinite are left out.
        step: as for `scalar`.
        buckets: how many parts their range is cut into, 30 when left out.
        description: in Markdown.

    Raises:
        ArgumentError: without a step.
    """
    return _write(name, step, lambda: summaries.histogram(name, data, buckets, description))


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Writes text.

    Args:
        name: its tag.
        data: text in Markdown, or an array of texts, which is shown as a table.
        step: as for `scalar`.
        description: in Markdown.

    Raises:
        ArgumentError: without a step.
        DataError: for what is no text.
    """
    return _write(name, step, lambda: summaries.text(name, data, description))


def graph(model: Any) -> bool:
    """Writes the operations of a model's compiled program, for the Graphs tab.

    The callback `TensorBoard` writes the graph of its layers.

    Args:
        model: a built one.

    Raises:
        NotBuiltError: if the model is not built.
    """
    default = default_writer()
    if default is not None:
        default.writer.write_graph(program_graph(model))
    return default is not None


def hparams(hparams: Mapping[str, Any], trial_id: str | None = None, start_time_secs: float | None = None) -> bool:
    """Writes the hyperparameters of a run, for the table of the HParams tab.

    Args:
        hparams: numbers, strings and bools by name.
        trial_id: runs with the same one are shown together; made of the values when left out.
        start_time_secs: when the run began, seconds since 1970; now when left out.

    Raises:
        ArgumentError: for other values.
    """
    return _write("hparams", 0, lambda: summaries.hparams(hparams, trial_id, start_time_secs))


def hparams_config(hparams: Any, metrics: Sequence[Any] = ()) -> bool:
    """Writes what a search varies and measures, into the folder above those of its runs.

    Args:
        hparams: a dict from names to the values that they take; TensorBoard's `HParam` objects will do, too.
        metrics: tags of the scalars that are the columns of the table, such as `"epoch_loss"`.

    Raises:
        ArgumentError: for values that are no number, text or truth value.
    """
    return _write("hparams_config", 0, lambda: summaries.experiment(hparams, metrics))


def search(search: Any, most_runs: int = 200, monitor: str | None = None) -> bool:
    """Writes a whole search or population for the HParams tab: its best trials as runs, and quantiles over all.

    Args:
        search: a trained `Population` or `CrossValidation`; a fitted search of scikit-learn's kind, which has
            `cv_results_`; or pairs `(hyperparameters, history)`.
        most_runs: how many trials become runs.
        monitor: the log that tells which are the best; `"val_loss"` or `"loss"` when left out.

    Raises:
        ArgumentTypeError: for a search of another kind.
        ArgumentError: if it has no results, or no log of the name.

    Example:
        >>> import tempfile
        >>> with create_file_writer(tempfile.mkdtemp()).as_default():
        ...     search([({"units": units}, {"loss": [1.0, 1.0 / units]}) for units in (2, 4, 8)])
        True
    """
    default = default_writer()
    if default is not None:
        write_search(default.writer.logdir, search, most_runs, monitor)
    return default is not None


def embedding(name: str, data: Any, labels: Any = None, images: Any = None) -> bool:
    """Writes vectors for the projector.

    Args:
        name: of the vectors; those of the same name are replaced.
        data: `(points, dimensions)`.
        labels: one a point; rows of several, headed by a row of titles; or a TSV file.
        images: `(points, height, width)` or with channels behind, shown in place of the points.

    Raises:
        DataError: for shapes and lengths that do not fit.
    """
    default = default_writer()
    if default is not None:
        write_embedding(default.writer.logdir, name, data, labels, images)
    return default is not None


def _write(name: str, step: Any, make: Callable[[], Any]) -> bool:
    default = default_writer()
    if default is None:
        return False
    default.writer.write(make(), checked_step(default.step if step is None else step, name))
    return True


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.summary has no {name!r}.", hint=suggestion(name, __all__))
