"""What lamina promises on two CPU cores, and whether a run kept it."""

import statistics
from dataclasses import dataclass

from measure import Results

COPY_BYTES = {"float64": 60_000 * 784 * 4, "uint8": 60_000 * 784}  # one copy as trained on: float32, uint8
ALLOWANCE_BYTES = 16 * 2**20  # labels, row order and the allocator's slack
WARM_UP_SIZES = 6  # sizes of predict that may compile before all others must not


@dataclass(frozen=True)
class Target:
    """A promise: a measured value (None if it was not measured) and the limit it has to keep."""

    promise: str
    measured: float | None
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def verdict(self) -> str:
        """`"met"`, `"not met"` or `"not measured"`."""
        if self.measured is None:
            return "not measured"
        kept = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return "met" if kept else "not met"


def paired_ratio(numerators: list[float] | None, denominators: list[float] | None) -> float | None:
    """Median over rounds of the ratio within a round, so that a slow minute of the machine hits both sides."""
    if not numerators or not denominators:
        return None
    return statistics.median(n / d for n, d in zip(numerators, denominators, strict=True))


def epochs(results: Results, work: str, framework: str) -> list[float]:
    """Steady seconds of an epoch, one a round; empty if not measured."""
    return [fit.epoch for fit in results.fits.get(work, {}).get(framework, [])]


def all_targets(results: Results, steps: dict[str, int]) -> list[Target]:
    """Every promise about speed and memory, in the order of the report.

    Args:
        results: the run.
        steps: steps in an epoch of each work as it was run.
    """
    return [*_training(results, steps), *_predicting(results), *_starting(results), *_memory(results)]


def _training(results: Results, steps: dict[str, int]) -> list[Target]:
    limits = {"fashion": (1.25, 3.3), "housing": (10, 45), "imdb": (1.35, 1.5)}
    targets = []
    for work, pair in limits.items():
        ours = epochs(results, work, "lamina")
        for peer, limit in zip(("keras-jax", "keras-tensorflow"), pair, strict=True):
            ratio = paired_ratio(epochs(results, work, peer), ours)
            targets.append(Target(f"{work}: a step, times faster than {peer}", ratio, limit, at_least=True, unit="×"))
    fashion = [seconds / steps["fashion"] for seconds in epochs(results, "fashion", "lamina")]
    products = [bound.products for bound in results.bounds.get("fashion", [])]
    targets.append(Target("fashion: a step, times the matrix products", paired_ratio(fashion, products), 1.2, unit="×"))
    housing = epochs(results, "housing", "lamina")
    microseconds = statistics.median(housing) / steps["housing"] * 1e6 if housing else None
    targets.append(Target("housing: a step on a quiet machine, about 10 µs", microseconds, 12, unit=" µs"))
    by_hand = [bound.by_hand for bound in results.bounds.get("housing", []) if bound.by_hand is not None]
    ratio = paired_ratio([seconds / steps["housing"] for seconds in housing], by_hand)
    targets.append(Target("housing: a step, times the same step by hand in JAX", ratio, 1.2, unit="×"))
    return targets


def _predicting(results: Results) -> list[Target]:
    ours = results.one_row.get("lamina")
    targets = [
        Target(
            f"predict: one row, times faster than {peer}",
            paired_ratio(results.one_row.get(peer), ours),
            limit,
            at_least=True,
            unit="×",
        )
        for peer, limit in (("keras-jax", 5), ("keras-tensorflow", 200))
    ]
    late = None
    if "lamina" in results.sizes:
        compiled = results.sizes["lamina"][0].compiled or []
        late = max(compiled, default=0)
    promise = f"predict: sizes 1 to 40 in turn, last size that compiles (the first few: {WARM_UP_SIZES})"
    return [*targets, Target(promise, late, WARM_UP_SIZES)]


def _starting(results: Results) -> list[Target]:
    whole, imports = results.first_epochs, results.imports
    cold = paired_ratio(whole.get("lamina"), whole.get("keras-jax"))
    warm = paired_ratio(whole.get("lamina warm"), whole.get("keras-jax"))
    both_warm = paired_ratio(whole.get("lamina warm"), whole.get("keras-jax warm"))
    return [
        Target("first epoch: whole process, cold cache, of keras-jax as users run it", cold, 0.5, unit="×"),
        Target("first epoch: whole process, warm cache, of keras-jax as users run it", warm, 0.35, unit="×"),
        Target("first epoch: whole process, warm cache, of keras-jax with JAX's cache on", both_warm, 0.35, unit="×"),
        Target("import: lamina, of jax", paired_ratio(imports.get("lamina"), imports.get("jax")), 0.7 / 0.6, unit="×"),
    ]


def _memory(results: Results) -> list[Target]:
    targets = []
    for dtype, copy in COPY_BYTES.items():
        added = results.memory.get(dtype, {}).get("lamina")
        kind = "float32" if dtype == "float64" else dtype
        promise = (
            f"memory: fit on {dtype} adds, in {kind} copies of the data (with {ALLOWANCE_BYTES >> 20} MiB allowed)"
        )
        limit = 1 + ALLOWANCE_BYTES / copy
        targets.append(Target(promise, None if added is None else added / copy, limit))
    return targets
