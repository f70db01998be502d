"""Several networks that are asked together."""

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lamina.core.errors import ArgumentError, DataError, LoadError, NotBuiltError
from lamina.core.files import replacing
from lamina.core.seeds import check_seed
from lamina.core.tracebacks import public
from lamina.core.validate import file_path, fraction, positive_int
from lamina.layers import Activation, Input
from lamina.models import Model, Sequential
from lamina.plots.searches import prediction_intervals
from lamina.population.calibration import Band, Widths, find_temperature, tempered
from lamina.population.heads import LossHead
from lamina.population.population import Population
from lamina.population.recipe import recipe_for
from lamina.saving import load_model, save_model
from lamina.saving.archive import Archive
from lamina.saving.json_text import read_json
from lamina.saving.weights import opened
from lamina.training.history import History
from lamina.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_METADATA, _MEMBERS, _RATIOS = "ensemble.json", "members", "ratios.json"
_ENDING = ".keras"


class Ensemble:
    """Networks that differ in their seeds, trained at once.

    Their mean is better than most of them, and where they disagree, none of them knows.

    Args:
        model_or_build: a compiled model, of which each member is a clone with weights of its own; a function without
            arguments that returns one; or a list of compiled models, as they are.
        members: how many.
        seed: of the first member, the next has the next number; drawn from Python's generator when left out.

    Attributes:
        temperature: what `calibrate` found: above 1 if the networks are too sure of themselves.

    Raises:
        ArgumentError: for models that are not compiled.

    Example:
        >>> import lamina as keras
        >>> def build():
        ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
        ...     model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
        ...     return model
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> ensemble = Ensemble(build, members=3, seed=0)
        >>> histories = ensemble.fit(x, x**2, epochs=5, verbose=0)
        >>> ensemble.predict(x[:4]).shape, ensemble.spread(x[:4]).shape
        ((4, 1), (4, 1))
        >>> bool((ensemble.spread([[9.0]]) > ensemble.spread([[0.0]])).all())
        True
    """

    @public
    def __init__(self, model_or_build: Any, members: int = 5, seed: int | None = None) -> None:
        self.temperature = 1.0
        self._widths = Widths()
        if isinstance(model_or_build, list | tuple):
            given = list(model_or_build)
            self._population = Population(lambda n: given[n], [{"n": n} for n in range(len(given))])
            return
        count = positive_int("Ensemble", "members", members)
        first = check_seed(seed)
        make = recipe_for("Ensemble", model_or_build)
        self._population = Population(make, count, seeds=[first + n for n in range(count)])

    @property
    def members(self) -> list[Model]:
        """The networks, ordinary models."""
        return self._population.members

    @property
    def histories(self) -> list[History]:
        """The histories of the last training."""
        return self._population.histories

    def __len__(self) -> int:
        return len(self._population)

    def __repr__(self) -> str:
        return f"<Ensemble of {len(self)} networks>"

    # -- training ------------------------------------------------------------------------------------------------------

    @public
    def fit(self, x: Any, y: Any = None, **fit_arguments: Any) -> list[History]:
        """Trains all members, each with its own weights and shuffles.

        Args:
            x: inputs.
            y: targets.
            **fit_arguments: as for `Population.fit`: `epochs`, `batch_size`, `validation_split`, `callbacks` …

        Returns:
            The history of each.
        """
        self.temperature, self._widths = 1.0, Widths()
        return self._population.fit(x, y, **fit_arguments)

    @public
    def calibrate(self, x: Any, y: Any) -> Self:
        """Learns from rows that were not trained on how sure predictions may be.

        For a classification that is a temperature, for numbers by how many times the spread of the members they are
        off.

        Args:
            x: inputs.
            y: the truth: numbers, classes or rows of 0 and 1.

        Returns:
            The ensemble.

        Raises:
            ArgumentError: if there are more or fewer rows than in `x`.
            DataError: for a truth that is no number, and classes that the networks do not tell.
        """
        outputs = self.predict_members(x)
        truth = _as_truth(y, outputs)
        if self._head.is_classification:
            self.temperature = find_temperature(self._mean_probabilities(outputs), _as_labels(truth, outputs))
        elif truth.size != outputs[0].size:
            raise DataError(f"calibrate: y has the shape {truth.shape}, but predictions have {outputs.shape[1:]}.")
        else:
            self._widths = Widths.measured(outputs.mean(axis=0), _spread(outputs), truth.reshape(outputs.shape[1:]))
        return self

    # -- asking --------------------------------------------------------------------------------------------------------

    @public
    def predict_members(self, x: Any, batch_size: int | None = None) -> np.ndarray:
        """What each member makes of inputs, `(members, rows, …)`.

        Args:
            x: inputs.
            batch_size: rows at a time; chosen when left out.

        Raises:
            ArgumentError: for models of several outputs.
        """
        outputs = self._population.predict(x, batch_size)
        if not isinstance(outputs, np.ndarray):
            raise ArgumentError("The models have several outputs, but an ensemble has one.")
        return outputs.astype("float64")

    @public
    def predict(self, x: Any, batch_size: int | None = None) -> np.ndarray:
        """The mean of the members; for a classification of their probabilities, at the temperature of `calibrate`.

        Args:
            x: inputs.
            batch_size: rows at a time; chosen when left out.
        """
        outputs = self.predict_members(x, batch_size)
        if not self._head.is_classification:
            return outputs.mean(axis=0)
        mean = self._mean_probabilities(outputs)
        return mean if self.temperature == 1.0 else tempered(mean, self.temperature)

    @public
    def spread(self, x: Any) -> np.ndarray:
        """How far members disagree: the standard deviation of their outputs, or probabilities.

        Args:
            x: inputs.
        """
        outputs = self.predict_members(x)
        return _spread(self._head.probabilities(outputs, exclusive=True) if self._head.is_classification else outputs)

    @public
    def interval(self, x: Any, level: float = 0.9) -> Band:
        """Where to expect the truth, for numbers.

        After `calibrate`, so large a share of new rows lies within, if they are like those it was given. Before, the
        interval tells how far the members disagree, which is less than how far all of them may be off.

        Args:
            x: inputs.
            level: the share.

        Returns:
            `low`, `high` and `level`.

        Raises:
            ArgumentError: for a classification, and for a level that calibration had too few rows for.
        """
        level = fraction("interval", "level", level)
        if self._head.is_classification:
            raise ArgumentError(
                "Intervals are for numbers, but the networks tell classes.", hint="predict() gives their probabilities."
            )
        outputs = self.predict_members(x)
        return self._widths.band(outputs.mean(axis=0), _spread(outputs), level)

    @public
    def evaluate(self, x: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
        """Loss and metrics of what the ensemble predicts.

        Args:
            x: inputs.
            y: targets.
            sample_weight: factors of the rows.
        """
        predicted = self.predict(x)
        model = self.members[0]
        judge = Sequential([Input(predicted.shape[1:]), Activation("linear")])
        judge.compile_from_config(model.get_compile_config())
        if self._head.from_logits:
            predicted = np.log(predicted.clip(1e-12)) - (np.log1p(-predicted) if predicted.shape[-1] == 1 else 0.0)
        return judge.evaluate(predicted, y, sample_weight=sample_weight, verbose=0, return_dict=True)

    @public
    def plot(
        self, x: Any, y: Any = None, ax: "Axes | None" = None, style: str | None = None, level: float = 0.9
    ) -> "Axes":
        """Draws predictions of one input with their interval, and the members.

        Args:
            x: `(rows,)` or `(rows, 1)`.
            y: the truth, to be drawn as points.
            ax: axes to draw on; a new figure if not given.
            style: `"light"` or `"dark"`.
            level: of the interval.
        """
        column = np.asarray(x, "float64").reshape(len(x), -1)
        outputs = self.predict_members(column)
        band = self.interval(column, level)
        return prediction_intervals(column, outputs.mean(axis=0), band, y, ax, style, members=outputs)

    @property
    def _head(self) -> LossHead:
        model = self.members[0]
        if not model.built:
            raise NotBuiltError("The networks of the ensemble are not built yet.", hint="call fit() first.")
        return LossHead(None, model.loss)

    def _mean_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        return np.asarray(self._head.probabilities(outputs, exclusive=True), "float64").mean(axis=0)

    # -- files ---------------------------------------------------------------------------------------------------------

    @public
    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Writes all members, with their optimizers' states, and what calibration has found to one file.

        Args:
            filepath: where to.

        Raises:
            FileError: if the file cannot be written; an old one stays as it is.
        """
        ratios = None if self._widths.ratios is None else self._widths.ratios.tolist()
        metadata = {"lamina_version": __version__, "members": len(self), "temperature": self.temperature}
        with (
            replacing(file_path("Ensemble.save", "filepath", filepath)) as file,
            zipfile.ZipFile(file, "w") as archive,
            tempfile.TemporaryDirectory() as folder,
        ):
            archive.writestr(_METADATA, json.dumps(metadata))
            archive.writestr(_RATIOS, json.dumps({"ratios": ratios}))
            for number, model in enumerate(self.members):
                part = Path(folder, f"{number:05}{_ENDING}")
                save_model(model, part)
                archive.write(part, f"{_MEMBERS}/{part.name}")
                part.unlink()

    @classmethod
    @public
    def load(cls, filepath: str | os.PathLike[str], custom_objects: dict[str, Any] | None = None) -> "Ensemble":
        """Reads an ensemble that was saved. As with models, nothing that a file says is run.

        Args:
            filepath: the file.
            custom_objects: classes and functions by name.

        Raises:
            LoadError: if the file is damaged, or none of an ensemble.
        """
        name = file_path("Ensemble.load", "filepath", filepath)
        with opened(name) as (file, kind), tempfile.TemporaryDirectory() as folder:
            if kind != "zip":
                raise _no_ensemble(name)
            archive = Archive(file, name)
            if _METADATA not in archive.members:
                raise _no_ensemble(name)
            metadata = read_json(archive.read(_METADATA), name)
            archive.extract(_MEMBERS, Path(folder))
            models = [load_model(part, custom_objects) for part in sorted(Path(folder).glob(f"*{_ENDING}"))]
            if len(models) != metadata.get("members"):
                raise LoadError(f"'{name}' holds {len(models)} networks, but claims to hold {metadata.get('members')}.")
            ensemble = cls(models)
            ensemble.temperature = float(metadata.get("temperature", 1.0))
            ratios = read_json(archive.read(_RATIOS), name).get("ratios")
            ensemble._widths = Widths(None if ratios is None else np.array(ratios, "float64"))
        return ensemble


def _no_ensemble(name: str) -> LoadError:
    return LoadError(
        f"'{name}' is no file of an ensemble.", hint="Ensemble.save() writes one; load_model() reads models."
    )


def _spread(outputs: np.ndarray) -> np.ndarray:
    return outputs.std(axis=0, ddof=1 if len(outputs) > 1 else 0)


def _as_truth(y: Any, outputs: np.ndarray) -> np.ndarray:
    truth = np.asarray(y)
    if truth.dtype.kind not in "fiub" or not np.isfinite(truth).all():
        raise DataError("calibrate: y holds what is no finite number.")
    if len(truth) != outputs.shape[1]:
        raise ArgumentError(f"calibrate: x has {outputs.shape[1]} rows, but y has {len(truth)}.")
    return truth.astype("float64")


def _as_labels(truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    labels = truth.argmax(axis=1) if truth.ndim == 2 and truth.shape[1] > 1 else truth.reshape(-1)
    classes = max(2, outputs.shape[-1])
    strange = labels[(labels != labels.astype(int)) | (labels < 0) | (labels >= classes)]
    if strange.size:
        raise DataError(f"calibrate: y holds {strange[0]:g}, but the classes are 0 to {classes - 1}.")
    return labels.astype(int)
