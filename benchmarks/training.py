"""Speed and memory of training: lamina, Keras on JAX and on TensorFlow, and PyTorch, in one run.

    python benchmarks/training.py                          everything, about a quarter of an hour on two quiet cores
    python benchmarks/training.py --quick                  a few minutes; ratios are rough
    python benchmarks/training.py --work housing --only lamina,keras-jax
    python benchmarks/training.py --save                   also writes benchmarks/RESULTS.md

The report, in Markdown, goes to stdout; what is being measured, to stderr. Frameworks that are not installed are
left out. The data are made up, so no files are needed.
"""

import argparse
import os
import shlex
import sys

import machine
import measure
import report
from comparison import RESULTS, save_section
from peers import FRAMEWORKS
from works import WORKS

_OTHER_WORKS = ("predict", "import", "first-epoch", "memory")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (*WORKS, *_OTHER_WORKS)
    parser.add_argument("--work", action="append", choices=names, help="measure this alone; may be repeated")
    parser.add_argument("--only", default=",".join(FRAMEWORKS), help="frameworks, separated by commas")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (5; 2 with --quick)")
    parser.add_argument("--quick", action="store_true", help="fewer steps and rounds")
    parser.add_argument("--save", action="store_true", help=f"also write {RESULTS.name} beside this file")
    chosen = parser.parse_args()
    asked = chosen.only.split(",")
    if unknown := set(asked) - set(FRAMEWORKS):
        parser.error(f"--only: no framework {', '.join(sorted(unknown))}; choose from {', '.join(FRAMEWORKS)}")
    chosen.only = [name for name in FRAMEWORKS if name in asked]
    chosen.work = chosen.work or names
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 5)
    return chosen


def main() -> None:
    """Measures what was asked for and prints the report."""
    chosen = arguments()
    # The caller's own caches must not decide what is measured as cold, nor one JAX process take a whole GPU.
    os.environ.pop("JAX_COMPILATION_CACHE_DIR", None)
    # Packages are installed with their bytecode; without it, importing would be measured as compiling.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ |= {"LAMINA_PROGRAM_CACHE": "", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}

    absent = {name: FRAMEWORKS[name].missing for name in chosen.only}
    frameworks = [name for name, packages in absent.items() if not packages]
    sentences = [
        f"{FRAMEWORKS[name].title} is left out: {', '.join(packages)} not installed."
        for name, packages in absent.items()
        if packages
    ]
    if not frameworks:
        sys.exit("\n".join(sentences))
    if "memory" in chosen.work and sys.platform != "linux":
        chosen.work = [name for name in chosen.work if name != "memory"]
        sentences.append("Peak memory is left out: it is read from Linux's /proc.")
    works = [work.shortened() if chosen.quick else work for work in WORKS.values()]
    description = machine.describe()

    results = measure.Results()
    for work in works:
        if work.name in chosen.work:
            measure.measure_fits(results, frameworks, work, chosen.rounds)
    if "predict" in chosen.work:
        measure.measure_predict(results, frameworks, chosen.rounds)
    if "import" in chosen.work:
        measure.measure_imports(results, frameworks, chosen.rounds)
    if "first-epoch" in chosen.work:
        measure.measure_first_epochs(results, frameworks, chosen.rounds)
    if "memory" in chosen.work:
        measure.measure_memory(results, frameworks)

    command = shlex.join(["python", "benchmarks/training.py", *sys.argv[1:]])
    text = report.render(results, works, description, command, sentences, chosen.rounds)
    print(text, end="")
    if chosen.save:
        save_section("Training: lamina and its peers", text)


if __name__ == "__main__":
    main()
