"""Which public names of Keras lamina has, and which are compared with Keras: writes `docs/coverage.md`.

Run as `python -m tests.parity.coverage`, with Keras installed.
"""

import ast
import importlib
import inspect
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("KERAS_BACKEND", "jax")

PARITY = Path(__file__).parent
PAGE = PARITY.parents[1] / "docs" / "coverage.md"

# Modules of Keras, and the files in this folder whose rows compare their numbers, if there are any.
MODULES = {
    "": "",
    "activations": "test_activations*",
    "callbacks": "test_callbacks*",
    "config": "",
    "constraints": "test_constraints*",
    "datasets": "",
    "dtype_policies": "test_dtype_policies*",
    "initializers": "test_initializers*",
    "layers": "*[tp]*_layers* *preprocessing* test_activations* test_functional*",
    "losses": "test_losses*",
    "metrics": "test_metrics*",
    "models": "test_models* test_sequential* test_functional* test_own_models* test_saving*",
    "ops": "test_ops*",
    "ops.image": "test_ops*",
    "optimizers": "test_optimizers*",
    "optimizers.schedules": "test_schedules*",
    "random": "test_initializers* test_random*",
    "regularizers": "test_regularizers*",
    "saving": "test_saving* *saving*",
    "utils": "test_utils* *preprocessing* test_initializers*",
}


class Coverage(NamedTuple):
    """The public names of one module of Keras.

    Attributes:
        compared: those whose numbers a row of the parity suite compares.
        present: those that lamina has besides.
        missing: the others.
    """

    module: str
    compared: list[str]
    present: list[str]
    missing: list[str]


def public_names(module: Any) -> list[str]:
    """The names in a module of Keras that are no modules themselves."""
    names = [name for name in dir(module) if not name.startswith("_")]
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def data_sets(module: Any) -> list[str]:
    """The functions of Keras's modules of data sets, as `mnist.load_data`."""
    modules = {name: item for name, item in vars(module).items() if inspect.ismodule(item)}
    return [f"{name}.{function}" for name, item in sorted(modules.items()) for function in public_names(item)]


def words(path: Path) -> Iterator[str]:
    """What a test file names: its strings, attributes and keywords' names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value) if len(node.value) < 200 else node.value.split()
        elif isinstance(node, ast.Attribute):
            yield node.attr


def rows(module: str, patterns: str) -> tuple[set[str], bool]:
    """The words in the rows about a module, and whether they take all that is registered for it."""
    files = {path for pattern in patterns.split() for path in PARITY.glob(f"{pattern}.py")} - {Path(__file__)}
    registered = any(f'builtin_names("{module}")' in path.read_text(encoding="utf-8") for path in files)
    return {word for path in files for word in words(path)}, registered


def find(root: Any, address: str) -> Any:
    """What stands at a dotted address, or `None`."""
    for name in filter(None, address.split(".")):
        try:
            root = getattr(root, name)
        except AttributeError:
            try:
                root = importlib.import_module(f"{root.__name__}.{name}")
            except ImportError:
                return None
    return root


def cover(module: str) -> Coverage:
    """Compares one module of Keras with lamina's."""
    import keras

    import lamina
    from lamina.core.serialization import builtin_aliases

    theirs, mine = find(keras, module), find(lamina, module)
    names = data_sets(theirs) if module == "datasets" else public_names(theirs)
    present = [name for name in names if mine is not None and find(mine, name) is not None]
    named, registered = rows(module, MODULES[module])
    taken = set(builtin_aliases(module)) if registered else set()
    compared = [name for name in present if name in named or name.lower() in taken]
    return Coverage(
        module or "keras",
        compared,
        [name for name in present if name not in compared],
        [name for name in names if name not in present],
    )


def page(found: list[Coverage], version: str) -> str:
    """The document."""
    lines = [
        f"# What lamina has of Keras {version}",
        "",
        "**Same numbers** counts the names that a row of the parity suite (`tests/parity`) takes through both, with",
        "stated tolerances; **have** the other names that resolve. `python -m tests.parity.coverage` writes this page.",
        "",
        "| module | names | same numbers | have | missing |",
        "|---|---:|---:|---:|---:|",
    ]
    for part in found:
        sizes = [len(names) for names in part[1:]]
        lines.append(f"| `{part.module}` | {sum(sizes)} | {sizes[0]} | {sizes[1]} | {sizes[2]} |")
    for part in found:
        lines += ["", f"## {part.module}"]
        for title, names in zip(("Same numbers", "Have", "Missing"), part[1:], strict=True):
            if names:
                text = f"{title}: {', '.join(f'`{name}`' for name in names)}."
                lines += ["", *textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(lines) + "\n"


def current() -> str:
    """The page as it should be."""
    import keras

    return page([cover(module) for module in MODULES], keras.__version__)


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
