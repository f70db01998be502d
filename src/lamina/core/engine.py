"""How lamina sets JAX up: what `import lamina` changes, unless the user has had his say."""

import os
import platform
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import Tracer

from lamina.core import config

# What JAX raises when Python asks a traced array for its values.
VALUE_NEEDED = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
)


def use_compilation_cache() -> None:
    """Makes compiled programs outlive the process, with XLA's persistent cache in the user's cache folder.

    It is turned on, unless the user has set one up for himself.

    `LAMINA_PROGRAM_CACHE` names another folder, or none. Programs are made for the processor at hand,
    so machines that share a home folder have a folder each.
    """
    folder = config.program_cache()
    if folder is None or _setting("jax_compilation_cache_dir") is not None:
        return
    try:
        folder = folder / platform.node().replace("/", "_")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a read-only home: programs are compiled anew in each process
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Small networks compile in less than the second from which JAX caches.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.02)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def dispatch_inline() -> None:
    """Runs programs on CPU in the thread that calls them.

    By default JAX hands each one to another thread, and waking it takes several times as long as
    predicting a row. Where lamina wants host and device to work side by side it uses a thread itself.
    Accelerators are not concerned.
    """
    if "JAX_CPU_ENABLE_ASYNC_DISPATCH" not in os.environ:
        jax.config.update("jax_cpu_enable_async_dispatch", False)


def compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """`jax.jit`, as lamina's own programs are compiled.

    On CPU, LLVM is asked for one level of optimization less than the highest, unless JAX was told to do without most:
    steps of small networks take a tenth less time then, those of larger ones as long, and compiling takes less. Such a
    program cannot be called within another one.

    Args:
        function: of arrays.
        **options: further arguments of `jax.jit`.
    """
    if jax.default_backend() == "cpu" and not jax.config.read("jax_disable_most_optimizations"):
        options["compiler_options"] = {"xla_backend_optimization_level": 2}
    return jax.jit(function, **options)


def _setting(name: str) -> Any:
    """A setting of JAX's, which its types do not know."""
    return getattr(jax.config, name)


def wide_types() -> bool:
    """Whether arrays may hold 64-bit numbers."""
    return bool(_setting("jax_enable_x64"))


def runs_eagerly() -> bool:
    """Whether programs are run step by step in Python just now."""
    return bool(_setting("jax_disable_jit"))


def is_tracing() -> bool:
    """Whether a program is being written down just now, so that what is computed has no values yet."""
    return is_traced(jnp.zeros(()))


def is_traced(*values: Any) -> bool:
    """Whether any of the values is known only when the program runs.

    Example:
        >>> import jax.numpy as jnp
        >>> is_traced(jnp.ones(2), 3.0)
        False
    """
    return any(isinstance(value, Tracer) for value in values)


def on_device(array: Any) -> jax.Array:
    """A host array that nobody else will change as one of JAX's.

    `jnp.asarray` may compile a program for each new shape, which takes longer than drawing a layer's weights.

    Args:
        array: of NumPy, or already JAX's.

    Example:
        >>> import numpy as np
        >>> on_device(np.ones(2, "float32"))
        Array([1., 1.], dtype=float32)
    """
    if isinstance(array, jax.Array):
        return array
    return jnp.asarray(array) if is_tracing() else jax.device_put(array, may_alias=True)
