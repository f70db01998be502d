"""Loads files that were damaged at random: only lamina's own errors may come out, soon, and in little memory.

    python benchmarks/fuzz_loading.py                    20,000 files, in 8 batches
    python benchmarks/fuzz_loading.py --batch 3          one of them; may be repeated
    python benchmarks/fuzz_loading.py --save             also puts the batches into RESULTS.md

It ends with status 1 if a file brought up anything else.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import lamina
from lamina.core.errors import LaminaError

SECONDS, BYTES = 2.0, 1 << 30
BATCHES, FILES = range(8), 2500
TITLE = "Damaged files"
VALUES = [None, -1, 0, 2**31, 10**30, 1e308, "", "x" * 999, [], {}, [[]], True, "Dense", "../x", "NaN", [None] * 9]


def samples(folder):
    """Valid files of all formats."""
    inputs = lamina.Input((3,))
    hidden = lamina.layers.BatchNormalization()(lamina.layers.Dense(2, "relu")(inputs))
    model = lamina.Model(inputs, lamina.layers.Dense(1)(lamina.layers.concatenate([hidden, inputs * 2.0])))
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    paths = [folder / name for name in ("a.keras", "a.h5", "b.h5", "c.weights.h5", "d.safetensors", "e.weights.json")]
    for path in paths:
        sharded = {"max_shard_size": 1e-6} if path.name.startswith("e") else {}
        (model.save if path.name.startswith("a") else model.save_weights)(path, **sharded)
    (folder / "f.json").write_text(model.to_json())
    return model, [*paths, folder / "f.json"]


def load(path, kind, model):
    """Loads a file as what it was before it was damaged."""
    if kind.startswith("a"):
        lamina.models.load_model(path)
    elif kind.startswith("f"):
        lamina.models.model_from_json(path.read_bytes())
    else:
        model.load_weights(path)


def damaged(content, rng):
    """Bytes that were flipped, cut out, doubled or cut off."""
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8, 40])):
        at = rng.randrange(len(content) or 1)
        content = content or bytearray(1)
        kind = rng.randrange(6)
        if kind < 3:
            content[at] = rng.choice([0, 1, 255, 128, rng.randrange(256), content[at] ^ (1 << rng.randrange(8))])
        elif kind == 3:
            content[at : at + 8] = rng.choice([b"\xff" * 8, b"\0" * 8, rng.randbytes(8)])
        elif kind == 4:
            del content[at : at + rng.randrange(1, 64)]
        else:
            content = content[: max(at, 1)] if rng.random() < 0.3 else content
    return bytes(content)


def changed(item, rng):
    """A description with one value, key or place changed."""
    places = []

    def walk(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(item)
    for _ in range(rng.choice([1, 1, 1, 3])):
        node, key = rng.choice(places)
        kind = rng.randrange(4)
        try:
            if kind == 0:
                del node[key]
            elif kind == 1:
                other, its = rng.choice(places)
                node[key] = other[its]
            else:
                node[key] = rng.choice(VALUES)
        except (KeyError, IndexError):
            continue
    return item


def changed_text(content, rng):
    """A JSON text that describes something else."""
    try:
        return json.dumps(changed(json.loads(content), rng)).encode()
    except (ValueError, RecursionError):  # the description contains itself now
        return damaged(content, rng)


def mutated(path, rng, target):
    """Writes a damaged copy of a file; of the parts of an archive if it is one."""
    content = path.read_bytes()
    if path.suffix == ".json" and rng.random() < 0.8:
        target.write_bytes(changed_text(content, rng))
        return
    if path.suffix != ".keras" or rng.random() < 0.2:
        target.write_bytes(damaged(content, rng))
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = rng.choice(["config.json", "config.json", "config.json", "model.weights.h5"])
    change = changed_text if part == "config.json" and rng.random() < 0.8 else damaged
    members[part] = change(members[part], rng)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def fuzz(cases, seed, folder, seconds=SECONDS):
    """What came out that should not have, as (number, kind of fault); and how often files still loaded."""
    warnings.simplefilter("ignore")
    rng = random.Random(seed)
    model, paths = samples(folder)
    faults, loaded = [], 0
    for number in range(cases):
        path = rng.choice(paths)
        target = folder / f"damaged{''.join(path.suffixes)}"
        mutated(path, rng, target)
        start = time.perf_counter()
        try:
            load(target, path.name, model)
            loaded += 1
        except LaminaError:
            pass
        except Exception as error:
            faults.append((number, f"{path.name}: {type(error).__name__}: {error}"))
        if (taken := time.perf_counter() - start) > seconds:
            faults.append((number, f"{path.name}: took {taken:.1f} s"))
    return faults, loaded


def run(batch):
    """The line of the report about a batch, and whether it is as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        faults, loaded = fuzz(FILES, batch, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number, fault in faults[:40]:
        print(f"batch {batch}, case {number}: {fault}")
    line = [f"batch {batch}", f"{FILES}", f"{loaded}", f"{len(faults)}", f"{peak / 2**20:.0f}"]
    return line, not faults and peak <= BYTES


def main():
    import machine
    from comparison import kept_row, save_section
    from report import table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, action="append", choices=BATCHES, help="run this alone; may be repeated")
    parser.add_argument("--save", action="store_true", help="also put the batches into RESULTS.md")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    runs = {batch: run(batch) for batch in chosen.batch or BATCHES}
    lines = {batch: line for batch, (line, _) in runs.items()}
    if chosen.save:
        kept = {batch: line for batch in BATCHES if (line := kept_row(TITLE, f"batch {batch}"))}
        lines = {batch: line for batch in BATCHES if (line := lines.get(batch) or kept.get(batch))}
    text = "\n\n".join(
        [
            f"# {TITLE}",
            "`python benchmarks/fuzz_loading.py --save`",
            table(("machine", ""), machine.describe()),
            f"Files of all formats, damaged at random, are loaded. Faults are errors that are not lamina's, more than "
            f"{SECONDS:g} s for a file, or more than {BYTES >> 20} MiB at the peak.",
            table(["", "files", "loaded all the same", "faults", "peak, MiB"], lines.values()),
        ]
    )
    print(text)
    if chosen.save:
        save_section(TITLE, f"{text}\n")
    return not all(right for _, right in runs.values())


if __name__ == "__main__":
    sys.exit(main())
