"""What is needed to train a model again: versions, seeds and arguments."""

import json
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import jax
import numpy as np

from lamina.core.config import floatx
from lamina.core.seeds import global_seed
from lamina.reporting.markup import Html, element, section, table
from lamina.version import __version__


def reproduction(model: Any, history: Any) -> Html:
    """The last section of a report.

    Args:
        model: a compiled one.
        history: what `fit` returned, its dictionary or `None`.
    """
    seed = global_seed()
    facts = {
        "lamina": __version__,
        "JAX": f"{jax.__version__} (jaxlib {version('jaxlib')})",
        "NumPy": np.__version__,
        "Python": platform.python_version(),
        "platform": platform.platform(),
        "device": f"{jax.devices()[0].device_kind} ({jax.default_backend()}, {jax.device_count()} in all)",
        "floatx and policy": f"{floatx()}, {model.dtype_policy.name}",
        "global seed": "not set: call lamina.utils.set_random_seed first" if seed is None else str(seed),
        "training": _training(history),
        "written": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }
    return section(
        "Reproduce",
        table("Versions and seeds", ["what", "value"], facts.items()),
        _config("Arguments of compile", model.compile_arguments, model.get_compile_config, shown=True),
        _config("Config of the model", {"class_name": type(model).__name__}, model.get_config),
    )


def _training(history: Any) -> str:
    params = dict(getattr(history, "params", None) or {})
    epochs = len(getattr(history, "epoch", ()))
    steps = f", {params['steps']} steps each" if params.get("steps") else ""
    return f"{epochs} of {params.get('epochs', epochs)} epochs{steps}" if epochs else "not told by the history"


def _config(title: str, plain: dict[str, Any], make: Callable[[], Any], shown: bool = False) -> Html:
    """A config as JSON; for what has none, what is known of it."""
    try:
        config = make()
    except Exception:  # a function or class of the user's may have no config
        config = plain
    text = json.dumps(config, indent=1, default=repr, ensure_ascii=False)
    return element(
        "details", element("summary", title), element("pre", element("code", text), tabindex=0), open=shown or None
    )
