"""Loads files that were damaged at random: only lamina's own errors may come out, soon, and in little memory.

python benchmarks/fuzz_loading.py [cases=20000] [seed=0]
"""

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
VALUES = [None, -1, 0, 2**31, 10**30, 1e308, "", "x" * 999, [], {}, [[]], True, "Dense", "../x", "NaN", [None] * 9]


def samples(folder):
    """Valid files of all formats."""
    inputs = lamina.Input((3,))
    hidden = lamina.layers.BatchNormalization()(lamina.layers.Dense(2, "relu")(inputs))
    model = lamina.Model(inputs, lamina.layers.Dense(1)(lamina.layers.concatenate([hidden, inputs * 2.0])))
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    for name in ("a.keras", "a.h5", "b.h5", "c.weights.h5", "d.safetensors"):
        (model.save if name.startswith("a") else model.save_weights)(folder / name)
    return model, [folder / name for name in ("a.keras", "a.h5", "b.h5", "c.weights.h5", "d.safetensors")]


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


def mutated(path, rng, target):
    """Writes a damaged copy of a file; of the parts of an archive if it is one."""
    if path.suffix != ".keras" or rng.random() < 0.2:
        target.write_bytes(damaged(path.read_bytes(), rng))
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = rng.choice(["config.json", "config.json", "config.json", "model.weights.h5"])
    if part == "config.json" and rng.random() < 0.8:
        try:
            members[part] = json.dumps(changed(json.loads(members[part]), rng)).encode()
        except (ValueError, RecursionError):  # the description contains itself now
            members[part] = damaged(members[part], rng)
    else:
        members[part] = damaged(members[part], rng)
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
            if path.name.startswith("a"):
                lamina.models.load_model(target)
            else:
                model.load_weights(target)
            loaded += 1
        except LaminaError:
            pass
        except Exception as error:
            faults.append((number, f"{path.name}: {type(error).__name__}: {error}"))
        if (taken := time.perf_counter() - start) > seconds:
            faults.append((number, f"{path.name}: took {taken:.1f} s"))
    return faults, loaded


def main(cases=20_000, seed=0):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        faults, loaded = fuzz(int(cases), int(seed), Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number, fault in faults[:40]:
        print(f"case {number}: {fault}")
    print(f"{cases} files: {len(faults)} faults; {loaded} loaded all the same; peak {peak / 2**20:.0f} MiB")
    return bool(faults) or peak > BYTES


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
