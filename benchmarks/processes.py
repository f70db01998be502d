"""Processes to measure in: workers that wait at a pipe, and fresh ones that do one thing and end."""

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

_FRESH = Path(__file__).with_name("fresh.py")


def pause(seconds: float = 0.2) -> float:
    """Waits until the worker that ran last has come to rest: thread pools spin for some milliseconds.

    Returns:
        Cores that were busy meanwhile, with other people's programs; 0 where Linux's accounts are missing.
    """
    before = _busy_seconds()
    time.sleep(seconds)
    return (_busy_seconds() - before) / seconds


def _busy_seconds() -> float:
    """Processor time that all programs of the machine have had, idling and waiting for disks not counted."""
    accounts = Path("/proc/stat")
    if not accounts.exists():
        return 0.0
    user, nice, system = (int(ticks) for ticks in accounts.read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


class Worker:
    """An object in a process of its own, whose methods are called through a pipe.

    Between calls it sleeps at the pipe, so that frameworks take turns and never share the cores.

    Args:
        factory: `"module.Class"` of the object; the module is imported in the new process only.
        args: the class's arguments.
    """

    def __init__(self, factory: str, *args: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # No daemon, which could not have processes of its own: scikit-learn's jobs would run one after the other.
        self._process = context.Process(target=_serve, args=(theirs, factory, args))
        self._process.start()
        theirs.close()

    def call(self, method: str, *args: object) -> Any:
        """Calls a method of the object and waits for its result.

        Raises:
            RuntimeError: with the worker's traceback, if it failed.
        """
        self._pipe.send((method, args))
        try:
            succeeded, result = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"a worker died with exit code {self._process.exitcode} in {method}().") from None
        if not succeeded:
            raise RuntimeError(f"a worker failed in {method}():\n{result}")
        return result

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pipe.close()  # the worker's recv ends with EOFError, and so does the worker
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()


def _serve(pipe: Connection, factory: str, args: tuple[object, ...]) -> None:
    module, _, name = factory.rpartition(".")
    target = None
    while True:
        try:
            method, method_args = pipe.recv()
        except EOFError:
            return
        try:
            target = target or getattr(importlib.import_module(module), name)(*args)
            pipe.send((True, getattr(target, method)(*method_args)))
        except Exception:
            pipe.send((False, traceback.format_exc()))


def run_fresh(*args: str, env: dict[str, str] | None = None) -> tuple[float, Any]:
    """Runs `fresh.py` in a new interpreter.

    Args:
        args: what to do, for its command line.
        env: variables added to the environment.

    Returns:
        Seconds from the start of the process until it reported, and what it reported.

    Raises:
        RuntimeError: with its last words, if it failed.
    """
    start = time.perf_counter()
    command = [sys.executable, str(_FRESH), *args]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | (env or {})
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        _, errors = process.communicate()
    if process.returncode or not line:
        raise RuntimeError(f"fresh.py {' '.join(args)} failed:\n{errors[-2000:]}")
    return seconds, json.loads(line)
