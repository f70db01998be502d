"""Where randomness comes from: Python's generator gives first seeds, seed generators count on from there."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, UnboundVariableError
from lamina.core.frame import current_frame
from lamina.core.generators import random_state, set_random_state
from lamina.core.naming import auto_name
from lamina.core.serialization import builtin
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable


def draw_seed() -> int:
    """One integer from Python's global generator: the seed of whoever is given none."""
    return random.randint(1, int(1e9))


def check_seed(seed: Any) -> int:
    """The seed as an integer, drawn if it is `None`.

    Raises:
        ArgumentError: if `seed` is anything but an integer or `None`.
    """
    if seed is None:
        return draw_seed()
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ArgumentError(f"seed must be an integer or None. Received: seed={seed!r}")
    return int(seed)


def set_random_seed(seed: int) -> None:
    """Makes all that follows repeatable: seeds Python's and NumPy's global generators.

    Args:
        seed: an integer from 0 up to 2**32 - 1.

    Raises:
        ArgumentError: for anything else.

    Example:
        >>> set_random_seed(42)
        >>> draw_seed()
        686579304
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ArgumentError(f"seed must be an integer from 0 to 4294967295. Received: seed={seed!r}")
    random.seed(int(seed))
    np.random.seed(int(seed))
    _global.clear()
    _given[:] = [int(seed)]


def global_seed() -> int | None:
    """What `set_random_seed` was given last; `None` if it was not called.

    Example:
        >>> with seeded(7):
        ...     global_seed()
        7
    """
    return _given[0] if _given else None


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Makes a block repeatable, and leaves all generators as they were before it.

    Args:
        seed: as for `set_random_seed`; `None` changes nothing.

    Example:
        >>> with seeded(42):
        ...     draw_seed()
        686579304
    """
    if seed is None:
        yield
        return
    before, generators, given = random_state(), dict(_global), list(_given)
    set_random_seed(seed)
    try:
        yield
    finally:
        set_random_state(before)
        _global.clear()
        _global.update(generators)
        _given[:] = given


@builtin("random")
class SeedGenerator(Trackable):
    """A source of keys: the pair `[seed, counter]`, counted up at each draw.

    Args:
        seed: an integer; drawn from Python's global generator when left out.
        name: chosen when left out.

    Example:
        >>> generator = SeedGenerator(7)
        >>> generator.next(), generator.next()
        (Array([7, 0], dtype=uint32), Array([7, 1], dtype=uint32))
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self.name = name or auto_name(self)
        self._initial_seed = seed
        first = np.array([check_seed(seed) & 0xFFFFFFFF, 0], "uint32")
        self.state = Variable(first, dtype="uint32", trainable=False, autocast=False, name="seed_generator_state")
        self.state.path = f"{self.name}/seed_generator_state"

    def next(self, ordered: bool = True) -> jax.Array:
        """The next key, uint32 `(2,)`.

        Args:
            ordered: whether to count up, or to jump as the global generator does.
        """
        key = self.state.value
        self.state.assign(key + np.array([0, 1], "uint32") if ordered else (key + 1) * 5387 % 933199)
        return key

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal generator."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SeedGenerator":
        """The generator with this config."""
        return cls(**config)


_global: dict[str, SeedGenerator] = {}
_given: list[int] = []  # to set_random_seed


def as_key(seed: Any) -> Any:
    """The key that a seed stands for, uint32 `(2,)`.

    Args:
        seed: an integer, a `SeedGenerator` (which counts on), a key, or `None` for the global generator.

    Raises:
        UnboundVariableError: for `None` inside a compiled step, where it would be drawn only once.
        ArgumentError: for anything else.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is None:
        frame = current_frame()
        if frame is not None and frame.strict:
            raise UnboundVariableError(
                "A random function without a seed was called during a compiled step, which would freeze its draw.",
                hint="make a lamina.random.SeedGenerator in __init__, keep it as an attribute, and pass it as seed=.",
            )
        if "generator" not in _global:
            _global["generator"] = SeedGenerator()
        return _global["generator"].next(ordered=False)
    if isinstance(seed, jax.Array):
        return seed
    if isinstance(seed, int | np.integer):
        return np.array([int(seed) & 0xFFFFFFFF, 0], "uint32")
    if isinstance(seed, np.ndarray):
        return jnp.asarray(seed, "uint32")
    raise ArgumentError(f"seed must be an integer, a SeedGenerator or None. Received: seed={seed!r}")
