"""What happens in training, for TensorBoard."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.callbacks.learning_rates import optimizers_of, rate_of
from lamina.core.config import image_data_format
from lamina.core.errors import ArgumentError, LaminaError, suggestion
from lamina.core.tracebacks import public, warn_user
from lamina.core.validate import at_least, file_path
from lamina.layers import Embedding
from lamina.tensorboard import summaries
from lamina.tensorboard.events import FileWriter, require_tensorboard
from lamina.tensorboard.model_graph import conceptual_graph
from lamina.tensorboard.projector import write_embedding
from lamina.tensorboard.weight_names import named_weights
from lamina.training.hooks import Callback

Logs = dict[str, Any] | None


class TensorBoard(Callback):
    """Writes logs for TensorBoard: losses and metrics, and if wanted weights, embeddings and profiles.

    Training is in the run `train`, validation in `validation`. Logs of epochs cost nothing between epochs;
    those of every so many batches cut the loop there, and nowhere else.

    Args:
        log_dir: the folder. A folder of its own for each training, in one of all of them, lets TensorBoard
            compare them.
        histogram_freq: draw the distributions of weights every so many epochs, 0 for never.
        write_graph: whether to show the graph of the layers (tag `keras`), and that of the compiled operations.
        write_images: whether to show weights as images, too, from their smallest value in black to their
            largest in white, when histograms are drawn.
        write_steps_per_second: whether to log the speed.
        update_freq: `"epoch"`; or log the means of an epoch so far every so many batches; `"batch"` for
            each one.
        profile_batch: a batch, or the first and the last one, from 1, to take a profile of; 0 for none.
        embeddings_freq: write the vectors of `Embedding` layers for the projector every so many epochs, 0
            for never.
        embeddings_metadata: labels for the vectors: a list, or a TSV file, whose path may be relative to
            `log_dir`; or a dict of these by layer.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
        ArgumentError: for arguments out of range, and when training begins for layers that the model does
            not have.
        FileError: when training begins, if the folder cannot be written to.

    Example:
        >>> callback = TensorBoard("logs/first", histogram_freq=1)
        >>> callback.batches_until_due() is None
        True
    """

    state_names = ("batches", "last_batch")

    @public
    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int | str | Sequence[int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        require_tensorboard("The callback TensorBoard")
        self.log_dir = file_path("TensorBoard", "log_dir", log_dir)
        self.histogram_freq = at_least("TensorBoard", "histogram_freq", histogram_freq or 0, 0)
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = _check_freq(update_freq)
        self.embeddings_freq = at_least("TensorBoard", "embeddings_freq", embeddings_freq or 0, 0)
        self.embeddings_metadata = embeddings_metadata
        self._start_batch, self._stop_batch = _check_profile(profile_batch)
        self._profiling = False
        self._start_anew()

    def _start_anew(self) -> None:
        self._writers: dict[str, FileWriter] = {}
        self.batches = 0
        self.last_batch = -1
        self._epoch_began = self._told = time.perf_counter()
        self._steps_before = self._batches_told = 0

    def set_model(self, model: Any) -> None:
        """Each training writes files of its own."""
        super().set_model(model)
        self._start_anew()

    def writer(self, run: str) -> FileWriter:
        """The writer of a run, `"train"` or `"validation"`, which is made when it is first wanted."""
        if run not in self._writers:
            self._writers[run] = FileWriter(Path(self.log_dir, run), max_queue=1000)
        return self._writers[run]

    # -- training ------------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs = None) -> None:
        """Makes sure that logs can be written, and writes the graph."""
        self.batches, self.last_batch, self._batches_told = 0, -1, 0
        writer = self.writer("train")
        if self.write_graph:
            self._write_graphs(writer)
        writer.flush()
        if self.embeddings_freq:
            self._labels()
        self._profile_if_due()

    def on_train_end(self, logs: Logs = None) -> None:
        """Closes the files."""
        self._stop_profile()
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Batches are numbered anew."""
        self.last_batch = -1
        self._epoch_began = self._told = time.perf_counter()
        self._steps_before = self._steps()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Writes the logs of the epoch, and what is due."""
        logs = dict(logs or {})
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        train.update((name, rate_of(optimizer)) for name, optimizer in optimizers_of(self.model).items())
        if self.write_steps_per_second:
            seconds = time.perf_counter() - self._epoch_began
            train["steps_per_second"] = (self._steps() - self._steps_before) / seconds
        self._write("train", "epoch_{}", train, epoch)
        validation = {name.removeprefix("val_"): value for name, value in logs.items() if name.startswith("val_")}
        self._write("validation", "epoch_{}", validation, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs = None) -> None:
        """Writes the results of an evaluation over the steps that were trained before it."""
        if getattr(self.model, "optimizer", None) is None:
            return
        self._write("validation", "evaluation_{}_vs_iterations", logs or {}, self._steps())
        if "validation" in self._writers:
            self._writers["validation"].flush()

    # -- batches ---------------------------------------------------------------------------------------------------

    def batches_until_due(self) -> int | None:
        """As many as are left before the next logs, or before a profile begins or ends."""
        ends = [end - self.batches for end in (self._start_batch - 1, self._stop_batch) if end > self.batches]
        if self.update_freq != "epoch":
            ends.append(int(self.update_freq) - self.batches % int(self.update_freq))
        return min(ends, default=None)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Writes the logs if it is their turn."""
        self.batches += batch - self.last_batch
        self.last_batch = batch
        if self.update_freq != "epoch" and self.batches % int(self.update_freq) == 0:
            logs = dict(logs or {})
            if self.write_steps_per_second:
                now = time.perf_counter()
                logs["steps_per_second"] = (self.batches - self._batches_told) / (now - self._told)
                self._told, self._batches_told = now, self.batches
            self._write("train", "batch_{}", logs, self.batches)
        self._profile_if_due()

    def _profile_if_due(self) -> None:
        if self._profiling and self.batches >= self._stop_batch:
            self._stop_profile()
        elif self._start_batch and self.batches == self._start_batch - 1:
            self._start_profile()

    def _start_profile(self) -> None:
        import jax

        try:
            jax.profiler.start_trace(str(self.writer("train").logdir))
        except RuntimeError as error:
            warn_user(f"TensorBoard: no profile can be taken: {error}")
            return
        self._profiling = True

    def _stop_profile(self) -> None:
        import jax

        if self._profiling:
            self._profiling = False
            jax.block_until_ready([variable.value for variable in self.model.variables])
            jax.profiler.stop_trace()

    # -- what is written -------------------------------------------------------------------------------------------

    def _write(self, run: str, form: str, logs: Mapping[str, Any], step: int) -> None:
        for name, value in logs.items():
            if np.ndim(value) == 0:
                self.writer(run).write(summaries.scalar(form.format(name), value), step)

    def _write_graphs(self, writer: FileWriter) -> None:
        """The layers, and the operations of the compiled program."""
        from lamina.tensorboard.program_graph import program_graph  # imports what exports need, which takes a while

        if (graph := conceptual_graph(self.model)) is not None:
            writer.write(summaries.layers("keras", graph), 0)
        try:
            writer.write_graph(program_graph(self.model))
        except (LaminaError, NotImplementedError):
            return  # a model that is never called as a whole, or on what no shape describes
        except Exception as error:
            warn_user(f"TensorBoard: the operations of model '{self.model.name}' cannot be drawn: {error}")

    def _steps(self) -> int:
        optimizer = next(iter(optimizers_of(self.model).values()))
        return int(np.asarray(optimizer.iterations))

    def _write_weights(self, epoch: int) -> None:
        writer = self.writer("train")
        for path, weight in named_weights(self.model):
            name, values = path.replace(":", "_"), np.asarray(weight)
            writer.write(summaries.histogram(f"{name}/histogram", values), epoch)
            if self.write_images and (images := _as_images(values)) is not None:
                writer.write(summaries.image(f"{name}/image", images), epoch)

    def _write_embeddings(self) -> None:
        labels = self._labels()
        for layer in self._embedding_layers():
            table = np.asarray(layer.embeddings)
            write_embedding(
                Path(self.log_dir, "train"), layer.embeddings.path, table, labels.get(layer.name), None, [self.log_dir]
            )

    def _embedding_layers(self) -> list[Any]:
        return [layer for layer in self.model.flatten_layers() if isinstance(layer, Embedding)]

    def _labels(self) -> dict[str, Any]:
        """The labels of each layer of embeddings that has some."""
        names = [layer.name for layer in self._embedding_layers()]
        given = self.embeddings_metadata
        labels = dict(given) if isinstance(given, Mapping) else {name: given for name in names if given is not None}
        unknown = next((name for name in labels if name not in names), None)
        if unknown is not None:
            raise ArgumentError(
                f"TensorBoard: embeddings_metadata names {unknown!r}, which is no Embedding layer of the model.",
                hint=suggestion(unknown, names),
            )
        return {name: self._found(value) for name, value in labels.items()}

    def _found(self, labels: Any) -> Any:
        if not isinstance(labels, str | os.PathLike):
            return labels
        inside = Path(self.log_dir, labels)
        return inside if inside.exists() else labels


def _check_freq(freq: Any) -> str | int:
    if freq in ("batch", "epoch"):
        return 1 if freq == "batch" else "epoch"
    if isinstance(freq, int | np.integer) and not isinstance(freq, bool) and freq > 0:
        return int(freq)
    raise ArgumentError(
        f"TensorBoard: update_freq must be 'batch', 'epoch' or a positive number of batches. "
        f"Received: update_freq={freq!r}",
        hint=suggestion(freq, ["batch", "epoch"]) if isinstance(freq, str) else None,
    )


def _check_profile(batches: Any) -> tuple[int, int]:
    """The first and the last batch of a profile; 0 and 0 for none."""
    ends = batches.split(",") if isinstance(batches, str) else batches
    ends = list(ends) if isinstance(ends, list | tuple) else [ends]
    try:
        first, last = int(ends[0]), int(ends[-1])
    except (TypeError, ValueError, IndexError):
        first, last = -1, -1
    if isinstance(batches, bool) or len(ends) > 2 or not 0 <= first <= last or (first == 0 and last > 0):
        raise ArgumentError(
            f"TensorBoard: profile_batch must be 0, the number of a batch from 1, or a pair of these, the first one "
            f"not after the last. Received: profile_batch={batches!r}"
        )
    return first, last


def _as_images(weights: np.ndarray) -> np.ndarray | None:
    """Weights as grey images, `(images, height, width, 1)`; `None` for those of too many axes."""
    image = np.squeeze(weights).astype("float32")
    if image.ndim == 1:
        image = image[None, :]
    elif image.ndim == 2 and image.shape[0] > image.shape[1]:
        image = image.T
    elif image.ndim == 3 and image_data_format() == "channels_last":
        image = image.transpose(2, 0, 1)
    if image.ndim not in (2, 3) or not image.size:
        return None
    low, high = np.nanmin(image), np.nanmax(image)
    image = (image - low) / ((high - low) or 1)
    return (image[None] if image.ndim == 2 else image)[..., None]
