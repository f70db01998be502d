"""Settings and fixtures for all tests, and for the doctests in src/."""

import atexit
import os
import random
import shutil
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest

# Set while pytest starts, because Keras, matplotlib and lamina read them when they are imported.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["MPLBACKEND"] = "Agg"
# Most of a run's time goes into compiling small programs that run once, which is quicker without optimizations.
# JAX_DISABLE_MOST_OPTIMIZATIONS=0 make test compiles them as users do.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit the folder of the process that starts them
    programs = tempfile.mkdtemp(prefix="lamina-programs-")
    atexit.register(shutil.rmtree, programs, ignore_errors=True)
    # All processes of a run, Keras's too, share what they have compiled, down to single operations.
    os.environ["JAX_COMPILATION_CACHE_DIR"] = programs
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


@pytest.fixture(autouse=True)
def seeds():
    """Each test draws the same numbers, whichever tests ran before it."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python handles it by itself, whatever runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def optimized():
    """Programs are compiled as users' are, for tests of promised numbers: fused sums have other last digits."""
    import jax

    from lamina.training.loop import clear_programs

    def disable(most: bool) -> None:
        jax.clear_caches()
        clear_programs()
        jax.config.update("jax_disable_most_optimizations", most)

    disabled = jax.config.read("jax_disable_most_optimizations")
    disable(False)
    yield
    disable(disabled)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data sets beside the repository; tests that need it are skipped without it."""
    folder = Path(__file__).resolve().parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data sets beside the repository")
    return folder
