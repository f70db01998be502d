"""The machine and the software of a run, as the report names them."""

import importlib.metadata
import os
import platform
from pathlib import Path

from processes import run_fresh

_PACKAGES = ("lamina", "jax", "jaxlib", "keras", "tensorflow", "torch", "numpy")


def describe() -> list[tuple[str, str]]:
    """Pairs of what and which: processor, memory, system, Python, packages, JAX's devices, load."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    _, devices = run_fresh("jax_devices")
    return [
        ("processor", f"{_processor()}, {cores} cores usable"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{_system()}, kernel {platform.release()}"),
        ("Python", platform.python_version()),
        ("packages", ", ".join(f"{name} {version}" for name in _PACKAGES if (version := _version(name)))),
        ("JAX computes on", ", ".join(devices)),
        ("load at the start", ", ".join(f"{load:.2f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)"),
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
