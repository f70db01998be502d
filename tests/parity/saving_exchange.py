"""Files that travel: lamina writes each architecture, Keras goes on with it and writes it back, lamina goes on.

python tests/parity/saving_exchange.py FOLDER NAME...     what Keras does, in a process of its own
"""

import os
import pickle
import random
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # of both processes
from saving_architectures import ARCHITECTURES, BY_NAME, NOISY, NOT_LEGACY, own_classes

ROWS = 8
ENDINGS = (".keras", ".weights.h5", ".h5")
ANSWER = "answer.pickle"


class Seen(NamedTuple):
    """What a model does at one station.

    Attributes:
        outputs: what it predicts, an array for each output.
        state: its variables, by format: as they were saved, or loaded.
        losses: of the steps with which training goes on.
        fault: what went wrong instead.
    """

    outputs: list[np.ndarray]
    state: dict[str, list[np.ndarray]]
    losses: list[float]
    fault: str = ""


def endings(name: str) -> list[str]:
    """The formats that an architecture is written in."""
    return [ending for ending in ENDINGS if ending != ".h5" or name not in NOT_LEGACY]


def tried(function: Callable[..., tuple[Any, Seen]], *args: Any) -> tuple[Any, Seen]:
    """What a station says, or what went wrong there."""
    random.seed(str(args[1:]))
    try:
        return function(*args)
    except Exception:
        fault = Seen([], {}, [], traceback.format_exc())
        return fault, fault


def depart(k: ModuleType, name: str, folder: Path) -> tuple[Any, Seen]:
    """Makes a model, trains it, saves it, and goes on."""
    model = ARCHITECTURES[name](k)
    x, y = data(name, model)
    model.fit(x, y, batch_size=ROWS, shuffle=False, verbose=0)
    return model, save(k, name, model, folder)


def save(k: ModuleType, name: str, model: Any, folder: Path) -> Seen:
    """Saves a model in all formats, and goes on with it."""
    for ending in endings(name):
        (model.save_weights if ending == ".weights.h5" else model.save)(folder / f"{name}{ending}")
    state = {ending: state_of(model) for ending in endings(name)}
    if ".h5" in state:  # Keras loads the optimizer's state from this format for no model
        state[".h5"] = state[".h5"][: len(model.weights)]
    if name in NOISY:
        model = k.models.load_model(folder / f"{name}.keras")
    return go_on(name, model, state)


def arrive(k: ModuleType, name: str, folder: Path) -> tuple[Any, Seen]:
    """Loads a model in all formats, and goes on with it."""
    own_classes(k)
    model = k.models.load_model(folder / f"{name}.keras")
    state = {".keras": state_of(model)}
    for variable in [*model.weights, *model.optimizer.variables]:
        variable.assign(np.zeros(variable.shape))
    model.load_weights(folder / f"{name}.weights.h5")
    state[".weights.h5"] = state_of(model)
    if ".h5" in endings(name):
        state[".h5"] = state_of(k.models.load_model(folder / f"{name}.h5"))[: len(model.weights)]
    return model, go_on(name, model, state)


def state_of(model: Any) -> list[np.ndarray]:
    """All variables of a model and its optimizer."""
    return [np.asarray(variable.value, "float64") for variable in [*model.weights, *model.optimizer.variables]]


def go_on(name: str, model: Any, state: dict[str, list[np.ndarray]]) -> Seen:
    """Predicts, and trains three steps."""
    x, y = data(name, model)
    outputs = model.predict(x, verbose=0)
    losses = model.fit(x, y, batch_size=ROWS, epochs=3, shuffle=False, verbose=0).history["loss"]
    parts = [outputs[key] for key in sorted(outputs)] if isinstance(outputs, dict) else outputs
    return Seen(list(parts) if isinstance(parts, list | tuple) else [parts], state, losses)


def data(name: str, model: Any) -> tuple[Any, Any]:
    """A batch of the shapes that a graph takes and gives; for other models, of three numbers a row, and two."""
    rng = np.random.default_rng(1)
    x: Any = [_drawn(rng, tensor) for tensor in getattr(model, "inputs", None) or [np.zeros((1, 3), "float32")]]
    y: Any = [_drawn(rng, tensor) for tensor in getattr(model, "outputs", None) or [np.zeros((1, 2), "float32")]]
    if name in BY_NAME:
        return dict(zip("ab", x, strict=True)), dict(zip("yz", y, strict=True))
    return x[0] if len(x) == 1 else x, y[0] if len(y) == 1 else y


def _drawn(rng: np.random.Generator, like: Any) -> np.ndarray:
    shape = (ROWS, *like.shape[1:])
    if "int" in str(like.dtype):
        return rng.integers(0, 10, shape).astype("int32")
    return rng.normal(size=shape).astype("float32")


def main(folder: Path, names: list[str]) -> None:
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    warnings.simplefilter("ignore")
    (folder / "keras").mkdir()

    def visit(k: ModuleType, name: str) -> Any:
        model, seen = arrive(k, name, folder / "lamina")
        return seen, save(k, name, model, folder / "keras")

    answers = {name: [tuple(seen) for seen in tried(visit, keras, name)] for name in names}
    (folder / ANSWER).write_bytes(pickle.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
