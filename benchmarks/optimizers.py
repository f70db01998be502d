"""The housing model with each optimizer, a step each.

python benchmarks/optimizers.py            some ten minutes
python benchmarks/optimizers.py --save     also replaces its part of benchmarks/RESULTS.md
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from comparison import Case, Fitting, main
from works import HOUSING

LIMIT = 6
ARGUMENTS: dict[str, dict[str, Any]] = {
    "SGD": {},
    "SGD nesterov": {"momentum": 0.9, "nesterov": True},
    "Adagrad": {},
    "Adadelta": {},
    "RMSprop": {},
    "Adam": {},
    "AdamW": {},
    "Adamax": {},
    "Nadam": {},
    "Ftrl": {},
    "Lion": {},
    "Lamb": {},
    "Adafactor": {},
    "Muon": {},
    "Adam global_clipnorm": {"global_clipnorm": 1.0},
    "Adam accumulation": {"gradient_accumulation_steps": 4},
}


def _housing(name: str) -> Callable[[ModuleType], Fitting]:
    def make(keras: ModuleType) -> Fitting:
        layers = [keras.layers.Dense(units, activation="relu") for units in HOUSING.units[:-1]]
        model = keras.Sequential([keras.Input((HOUSING.features,)), *layers, keras.layers.Dense(HOUSING.units[-1])])
        model.compile(loss=HOUSING.loss, optimizer=getattr(keras.optimizers, name.split()[0])(**ARGUMENTS[name]))
        x, y = HOUSING.data()
        whole = len(x) - len(x) % HOUSING.batch_size  # Keras compiles a second program for a short batch
        return Fitting(model, x[:whole], y[:whole], HOUSING.batch_size, epochs=20)

    return make


CASES = {
    name.lower().replace(" ", "-"): Case(
        name if not arguments else f"{name.split()[0]}({', '.join(f'{k}={v}' for k, v in arguments.items())})",
        _housing(name),
        limit=LIMIT,
    )
    for name, arguments in ARGUMENTS.items()
}

if __name__ == "__main__":
    main("Optimizers, housing model", "optimizers", CASES)
