"""The report of a run, in Markdown."""

import statistics
from collections.abc import Iterable, Sequence

import targets
from measure import LARGEST_PREDICTED, Results
from peers import FRAMEWORKS
from works import Work

_TITLES = {name: framework.title for name, framework in FRAMEWORKS.items()}
_FIRST_EPOCH_TITLES = {
    "lamina": "lamina, cold cache",
    "lamina warm": "lamina, warm cache",
    "keras-jax": "Keras on JAX as users run it (no cache)",
    "keras-jax warm": "Keras on JAX, JAX's cache on and warm",
}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def render(
    results: Results, works: list[Work], machine: list[tuple[str, str]], command: str, absent: list[str], rounds: int
) -> str:
    """The whole report: the machine, a section for each measurement made, and the targets.

    Args:
        results: what was measured.
        works: the works as they were run, shortened or not.
        machine: pairs that describe the machine.
        command: the command line, to run it again.
        absent: a sentence for each framework left out.
        rounds: rounds of the run.
    """
    sections = [
        "# Training: lamina and its peers",
        f"`{command}`",
        table(("machine", ""), machine),
        f"Medians of {rounds} rounds in which the frameworks take turns; one works at a time, each in its own "
        "process. A ratio is the median of the ratios within each round, with lamina = 1.",
        *absent,
        *_quiet(results),
        *(_fits(results, work) for work in works if work.name in results.fits),
        *_bounds(results, works),
        *_predict(results),
        *_imports(results),
        *_first_epochs(results),
        *_memory(results),
        _targets(results, works),
    ]
    return "\n\n".join(sections) + "\n"


def _number(value: float) -> str:
    """Four significant digits at most, and never an exponent."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _ratio(samples: dict[str, list[float]], name: str) -> str:
    ratio = targets.paired_ratio(samples[name], samples.get("lamina"))
    return "–" if ratio is None else f"{ratio:.3g}"


def _spread(values: Sequence[float]) -> str:
    return f"{_number(min(values))} – {_number(max(values))}"


def _quiet(results: Results) -> list[str]:
    """How busy other programs kept the machine; frameworks whose threads spin suffer from them most."""
    if not results.others:
        return []
    mean = statistics.fmean(results.others)
    verdict = "quiet" if mean < 0.1 else "**not quiet: repeat the run before quoting it**"
    return [f"Between measurements other programs kept {mean:.2f} cores busy: the machine was {verdict}."]


def _sampled(samples: dict[str, list[float]], titles: dict[str, str], unit: str, scale: float) -> str:
    """A table of medians, spreads and ratios, one row a framework."""
    rows = []
    for name, values in samples.items():
        scaled = [value * scale for value in values]
        title = titles.get(name, name)
        rows.append((title, _number(statistics.median(scaled)), _spread(scaled), _ratio(samples, name)))
    return table(("", unit, "least – most", "ratio"), rows)


def _fits(results: Results, work: Work) -> str:
    fits = results.fits[work.name]
    steady = {name: targets.epochs(results, work.name, name) for name in fits}
    rows = []
    for name, times in fits.items():
        steps = [time.epoch / work.steps * 1e6 for time in times]
        overhead = statistics.median(time.overhead for time in times) * 1e3
        median = _number(statistics.median(steps))
        rows.append((_TITLES[name], median, _spread(steps), _ratio(steady, name), f"{overhead:.0f}"))
    header = ("", "µs per step", "least – most", "ratio", "besides the epochs, ms per call of fit")
    steady_state = (
        f"{work.rows} rows, {work.steps} steps an epoch, {work.epochs} epochs a call of `fit`; after a warm-up."
    )
    return f"## {work.title}\n\n{steady_state}\n\n{table(header, rows)}"


def _bounds(results: Results, works: list[Work]) -> list[str]:
    rows = []
    for work in works:
        if not (bounds := results.bounds.get(work.name)):
            continue
        flops = 2 * work.batch_size * sum(m * n * (3 if i else 2) for i, (m, n) in enumerate(work.kernels))
        ours = [epoch / work.steps for epoch in targets.epochs(results, work.name, "lamina")]
        times = {
            "products": [bound.products for bound in bounds],
            "update": [bound.update for bound in bounds],
            "both": [bound.products + bound.update for bound in bounds],
            "by_hand": [bound.by_hand for bound in bounds if bound.by_hand is not None],
        }
        medians = {name: statistics.median(values) if values else None for name, values in times.items()}
        ratios = [targets.paired_ratio(ours, times[name]) for name in ("products", "both", "by_hand")]
        rows.append(
            (
                work.name,
                *(
                    "–" if (m := medians[name]) is None else _number(m * 1e6)
                    for name in ("products", "update", "by_hand")
                ),
                f"{flops / statistics.median(times['products']) / 1e9:.3g}",
                *("–" if ratio is None else f"{ratio:.3g}" for ratio in ratios),
            )
        )
    header = (
        "",
        "products, µs per step",
        "update, µs per step",
        "by hand, µs per step",
        "products, GFLOP/s",
        "lamina / products",
        "lamina / (products + update)",
        "lamina / by hand",
    )
    text = (
        "The matrix products of a step, forward and backward, at its batch size in one compiled loop; apart from them "
        "the optimizer's pass over the kernels, which is bound by memory; and the whole step as one would write it in "
        "JAX for this network alone, without metrics, weights or a short last batch. Where the products are tiny "
        "(housing), starting them takes longer than computing them, and the step by hand is the floor."
    )
    return [f"## The bound set by the arithmetic\n\n{text}\n\n{table(header, rows)}"] if rows else []


def _predict(results: Results) -> list[str]:
    if not results.one_row:
        return []
    rows = []
    for name, passes in results.sizes.items():
        times = (_number(one.seconds * 1e3) for one in passes)
        compiled = (_compiled(one.compiled) for one in passes)
        rows.append((_TITLES[name], *times, *compiled))
    header = ("", "first pass, ms", "second pass, ms", "sizes that compiled, first pass", "second pass")
    return [
        f"## `predict`\n\nOf one row (housing model):\n\n{_sampled(results.one_row, _TITLES, 'ms', 1e3)}",
        f"Of sizes 1 to {LARGEST_PREDICTED} in turn, in a process that has not predicted before:\n\n"
        f"{table(header, rows)}",
    ]


def _compiled(sizes: list[int] | None) -> str:
    if sizes is None:
        return "not counted"
    return f"{len(sizes)}: {', '.join(map(str, sizes))}" if sizes else "none"


def _imports(results: Results) -> list[str]:
    if not results.imports:
        return []
    titles = {"jax": "`import jax`", "lamina": "`import lamina`", "pytorch": "`import torch`"}
    titles |= {name: f"`import keras` ({title})" for name, title in _TITLES.items() if name.startswith("keras")}
    return [f"## Import, in a fresh process\n\n{_sampled(results.imports, titles, 's', 1)}"]


def _first_epochs(results: Results) -> list[str]:
    if not results.first_epochs:
        return []
    samples = _sampled(results.first_epochs, _TITLES | _FIRST_EPOCH_TITLES, "s", 1)
    return [f"## From the start of the process to the end of the housing model's first epoch\n\n{samples}"]


def _memory(results: Results) -> list[str]:
    if not results.memory:
        return []
    rows = []
    for name in next(iter(results.memory.values())):
        added = (results.memory[dtype][name] / 2**20 for dtype in results.memory)
        rows.append((_TITLES[name], *(f"{mebibytes:.0f}" for mebibytes in added)))
    text = "In MiB, above what the process and its data held before; by type of the 60000 × 784 input. One copy is 359 "
    text += "MiB as float64, 179 as float32, 45 as uint8."
    return [f"## Peak memory added by `fit`\n\n{text}\n\n{table(('', *results.memory), rows)}"]


def _targets(results: Results, works: list[Work]) -> str:
    rows = []
    for target in targets.all_targets(results, {work.name: work.steps for work in works}):
        relation = "≥" if target.at_least else "≤"
        measured = "–" if target.measured is None else f"{target.measured:.3g}{target.unit}"
        rows.append((target.promise, f"{relation} {target.limit:.3g}{target.unit}", measured, target.verdict))
    return "## Targets\n\nSet for two CPU cores of a quiet machine.\n\n" + table(
        ("target", "limit", "measured", "verdict"), rows
    )
