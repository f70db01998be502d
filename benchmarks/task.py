"""What a worker process can be asked for: one framework, one work, and clocks around them."""

import statistics
import time
from dataclasses import dataclass

import peers
from works import Work

_COMPILED = "/jax/core/compile/backend_compile_duration"


@dataclass(frozen=True)
class FitTime:
    """Seconds of one `fit`: an epoch in its steady state, and what the call costs besides its epochs."""

    epoch: float
    overhead: float


@dataclass(frozen=True)
class Bound:
    """Seconds of a step's products, of its update, and of all of it by hand (None: an optimizer of many lines)."""

    products: float
    update: float
    by_hand: float | None


@dataclass(frozen=True)
class SizesTime:
    """One pass over many batch sizes: its seconds, and the sizes that made JAX compile (None: not on JAX)."""

    seconds: float
    compiled: list[int] | None


class Task:
    """A model with its data ready; the first `fit` and the first `predict` are the caller's to discard."""

    def __init__(self, framework: str, work: Work) -> None:
        self._epochs = work.epochs
        self._x, self._y = work.data()
        self._peer = peers.load(framework, work)
        self._compilations = _note_compilations() if peers.FRAMEWORKS[framework].on_jax else None

    def time_fit(self) -> FitTime:
        """Times one `fit`; an epoch is the mean distance between the ends of its epochs."""
        start = time.perf_counter()
        ends = self._peer.fit(self._x, self._y, self._epochs)
        total = time.perf_counter() - start
        epoch = (ends[-1] - ends[0]) / (len(ends) - 1)
        return FitTime(epoch, total - epoch * len(ends))

    def time_one_row(self, seconds: float = 0.5) -> float:
        """Median seconds of `predict` of one row, called for about `seconds`."""
        times: list[float] = []
        stop = time.perf_counter() + seconds
        while len(times) < 5 or time.perf_counter() < stop:
            start = time.perf_counter()
            self._peer.predict(self._x[:1])
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    def time_sizes(self, largest: int) -> SizesTime:
        """Predicts 1, 2, … `largest` rows, one call each."""
        noted = self._compilations
        counts = [0 if noted is None else len(noted)]
        start = time.perf_counter()
        for size in range(1, largest + 1):
            self._peer.predict(self._x[:size])
            counts.append(0 if noted is None else len(noted))
        seconds = time.perf_counter() - start
        compiled = [size for size in range(1, largest + 1) if counts[size] > counts[size - 1]]
        return SizesTime(seconds, None if noted is None else compiled)


def _note_compilations() -> list[float]:
    """A list that JAX lengthens by the seconds of each compilation, programs read from a cache included."""
    import jax

    durations: list[float] = []

    def note(event: str, duration_secs: float, **_: object) -> None:
        if event == _COMPILED:
            durations.append(duration_secs)

    jax.monitoring.register_event_duration_secs_listener(note)
    return durations
