"""What is measured in a process of its own: an import, a first epoch, the memory that `fit` adds.

Each command prints one line of JSON as soon as the thing measured is over. Nothing is imported before its time,
NumPy included: what a framework's import brings with it is part of that import.
"""

import importlib
import json
import sys
import time
from pathlib import Path

MEMORY_ROWS = 60_000
_WARM_UP_ROWS = 640


def import_seconds(module: str) -> float:
    """Seconds that the import of a module takes in this process."""
    start = time.perf_counter()
    importlib.import_module(module)
    return time.perf_counter() - start


def first_epoch(framework: str) -> bool:
    """Imports a framework and trains the housing model for one epoch."""
    import peers
    from works import HOUSING

    x, y = HOUSING.data()
    peers.load(framework, HOUSING).fit(x, y, epochs=1)
    return True


def fit_memory(framework: str, dtype: str) -> int:
    """Bytes by which one epoch on 60000 images raises the peak of resident memory above what stood before.

    A fit on a few rows comes first, so that imports and the compiler's own memory do not count.
    """
    import numpy as np
    import peers
    from works import FASHION

    rng = np.random.default_rng(42)
    shape = (MEMORY_ROWS, FASHION.features)
    if dtype == "uint8":
        x = rng.integers(0, 2, size=shape, dtype=np.uint8)
    else:
        x = rng.random(shape, dtype=np.dtype(dtype).type)
    y = rng.integers(0, FASHION.units[-1], size=MEMORY_ROWS)
    peer = peers.load(framework, FASHION)
    peer.fit(x[:_WARM_UP_ROWS], y[:_WARM_UP_ROWS], epochs=1)
    before = resident_bytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak, VmHWM, to what is resident now
    peer.fit(x, y, epochs=1)
    return resident_bytes("VmHWM") - before


def resident_bytes(field: str) -> int:
    """Memory of this process as Linux accounts it: `"VmRSS"`, resident now, or `"VmHWM"`, its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))


def jax_devices() -> list[str]:
    """What JAX computes on here."""
    import jax

    return sorted({device.device_kind for device in jax.devices()})


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {f.__name__: f for f in (import_seconds, first_epoch, fit_memory, jax_devices)}
    print(json.dumps(commands[command](*arguments)), flush=True)
