"""The progress bar of `fit`, `evaluate` and `predict`.

On a terminal the line is redrawn in place and never wider than the window; when the epoch ends, the metrics that
do not fit go to lines below it. Anywhere else (a file, a pipe) there is one plain line an epoch.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Container, Iterable
from typing import TextIO

import numpy as np

_BAR_WIDTH = 20
_SHORTEST_BAR = 5
_BOLD, _GREEN, _WHITE = "1", "32", "37"

# A line is a list of pieces (text, ANSI style or ""), so that its width can be told before it is painted.
Line = list[tuple[str, str]]


class Screen:
    """What the stream that is printed to can do.

    Args:
        stream: where to print; `None` means the present `sys.stdout`.

    Attributes:
        live: whether a line can be redrawn in place (a terminal, a notebook, PyCharm's console).
        colour: whether ANSI colours are wanted: a live stream, and no `NO_COLOR` in the environment.
        unicode: whether the encoding has the signs that bars and marks are drawn with.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        isatty = getattr(self.stream, "isatty", lambda: False)
        self.terminal = isatty() and os.environ.get("TERM") != "dumb"
        notebook = type(self.stream).__module__.startswith("ipykernel")
        self.live = self.terminal or notebook or ("PYCHARM_HOSTED" in os.environ and self.stream is sys.stdout)
        self.colour = self.live and not os.environ.get("NO_COLOR")
        self.unicode = _encodes("━─…✓✗", getattr(self.stream, "encoding", None))

    @property
    def columns(self) -> int:
        """The columns that a line may fill; the last one stays free, since some terminals wrap on reaching it."""
        return shutil.get_terminal_size().columns - 1 if self.terminal else 10_000

    def paint(self, line: Line) -> str:
        """Joins the pieces of a line, with their styles if the stream shows colours."""
        return "".join(
            f"\x1b[{style}m{text}\x1b[0m" if self.colour and style and text else text for text, style in line
        )


class ProgressBar:
    """Shows how far an epoch is, how long it takes and the metrics so far.

    Args:
        target: steps in the epoch; `None` if unknown.
        verbose: 0 nothing, 1 a bar, 2 one line when the epoch ends.
        unit: what a step is called in the time per step.
        stateful: names of values shown as given, the others being averaged over steps; `None` means all of them.
        interval: least time between two drawings, seconds.
        width: of the bar at most, columns.
        screen: where to draw; the present `sys.stdout` if not given.
        clock: returns the time in seconds.

    Example:
        >>> bar = ProgressBar(10, verbose=2, clock=iter([0.0, 1.0, 2.0]).__next__)
        >>> bar.update(5, [("loss", 0.5)])
        >>> bar.update(10, [("loss", 0.25)], finalize=True)
        10/10 - 2s - 200ms/step - loss: 0.2500
    """

    def __init__(
        self,
        target: int | None,
        *,
        verbose: int = 1,
        unit: str = "step",
        stateful: Container[str] | None = None,
        interval: float = 0.05,
        width: int = _BAR_WIDTH,
        screen: Screen | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.target = target
        self.unit = unit
        self.interval = interval
        self._screen = screen or Screen()
        self._verbose = verbose if self._screen.stream is not None else 0
        self._live = self._verbose == 1 and self._screen.live
        self._stateful = stateful
        self._width = width
        self._values: dict[str, tuple[object, int]] = {}  # name: (sum, number of steps in it)
        self._clock = clock
        self._start = self._advanced_at = clock()
        self._current = 0
        self._warm: tuple[int, float] | None = None  # steps and time at the first update: what compiling took is behind
        self._drawn_at = float("-inf")
        self._drawn_width = 0

    def update(self, current: int, values: Iterable[tuple[str, object]] = (), finalize: bool = False) -> None:
        """Tells the bar where the epoch is.

        Args:
            current: steps done since the epoch began.
            values: names and values to show, in order.
            finalize: whether this ends the epoch; its line then stays.
        """
        if self._verbose == 0:
            return
        now = self._clock()
        self._record(current, values, finalize)
        if current > self._current:
            self._warm = self._warm or (current, now)
            self._current, self._advanced_at = current, now
        if finalize:
            self._finish(now)
        elif self._live and now - self._drawn_at >= self.interval:
            self._drawn_at = now
            self._redraw(self._running_line(now))

    def close(self) -> None:
        """Ends a line that is still being redrawn, so that what is printed next (an error) starts on its own."""
        if self._drawn_width:
            self._write("\n")
            self._drawn_width = 0

    def _record(self, current: int, values: Iterable[tuple[str, object]], finalize: bool) -> None:
        for name, value in values:
            if finalize or self._stateful is None or name in self._stateful:
                self._values[name] = (value, 1)
            else:
                steps = max(current - self._current, 1)
                total, count = self._values.get(name, (0.0, 0))
                self._values[name] = (total + value * steps, count + steps)  # type: ignore[operator]

    def _finish(self, now: float) -> None:
        if self.target is None:
            self.target = self._current
        if self._live:
            first, *rest = self._final_lines(now)
            self._redraw(first)
            self._write("".join(f"\n{self._screen.paint(line)}" for line in rest) + "\n")
            self._drawn_width = 0
        else:
            parts = [self._count(), f"{now - self._start:.0f}s", self._step_time(), *self._metrics()]
            self._write(" - ".join(part for part in parts if part) + "\n")

    def _running_line(self, now: float) -> Line:
        """One line that fits: first the bar gives way, then the time, then the last metrics."""
        columns, count, metrics = self._screen.columns, self._count(), self._metrics()
        times = self._times(self._remaining(now))
        for time_pieces in (times, []):
            text_width = len(count) + _width(time_pieces) + _width(_joined(metrics))
            room = min(columns - text_width - 1, self._width)
            if room >= _SHORTEST_BAR or (self.target is None and room >= -1):
                return self._head(count, room) + time_pieces + _joined(metrics)
        line = self._head(count, min(_SHORTEST_BAR, columns - len(count) - 1))
        more = " …" if self._screen.unicode else " ..."
        for metric in metrics:
            if _width(line) + len(metric) + 3 + len(more) > columns:
                return [*line, (more, "")] if _width(line) + len(more) <= columns else line
            line += _joined([metric])
        return line

    def _final_lines(self, now: float) -> list[Line]:
        """The line that stays and, below it, the metrics that do not fit."""
        columns, count = self._screen.columns, self._count()
        times = self._times(f"{now - self._start:.0f}s")
        metrics = self._metrics()
        room = columns - len(count) - _width(times) - 1
        spare = room - _width(_joined(metrics))
        # The bar gives way if that brings all into one line.
        lines = [self._head(count, min(spare if spare >= _SHORTEST_BAR else room, self._width)) + times]
        for metric in metrics:
            if _width(lines[-1]) + len(metric) + 3 <= columns:
                lines[-1] += _joined([metric])
            else:
                lines.append([(f"  {metric}", "")])
        return lines

    def _head(self, count: str, bar_width: int) -> Line:
        if not self.target:
            return [(count, "")]
        done = min(self._current / self.target, 1.0)
        filled = int(done * bar_width) if bar_width > 0 else 0
        full, empty = ("━", "━" if self._screen.colour else "─") if self._screen.unicode else ("=", ".")
        bar: Line = [(" ", ""), (full * filled, _GREEN), (empty * (bar_width - filled), _WHITE)]
        return [(count, _BOLD), *(bar if bar_width > 0 else [])]

    def _count(self) -> str:
        if self.target is None:
            return f"{self._current:7d}/Unknown"
        return f"{self._current:{len(str(self.target))}d}/{self.target}"

    def _times(self, clock_text: str) -> Line:
        step_time = self._step_time()
        return [(" ", ""), (clock_text, _BOLD), (f" {step_time}", "")] if step_time else []

    def _remaining(self, now: float) -> str:
        if self.target is None:
            return f"{now - self._start:.0f}s"
        seconds = int(self._seconds_per_step() * (self.target - self._current))
        minutes, hours = seconds // 60 % 60, seconds // 3600
        if hours:
            return f"{hours}:{minutes:02d}:{seconds % 60:02d}"
        return f"{minutes}:{seconds % 60:02d}" if minutes else f"{seconds}s"

    def _seconds_per_step(self) -> float:
        # The first update bears the compilation and the last one may come after validation: neither is counted
        # where there is other evidence.
        steps, since = self._warm or (0, self._start)
        if self._current > steps:
            return (self._advanced_at - since) / (self._current - steps)
        return (self._advanced_at - self._start) / max(self._current, 1)

    def _step_time(self) -> str:
        return f"{format_duration(self._seconds_per_step())}/{self.unit}" if self._current else ""

    def _metrics(self) -> list[str]:
        return [f"{name}: {format_value(total, count)}" for name, (total, count) in self._values.items()]

    def _redraw(self, line: Line) -> None:
        width = _width(line)
        padding = min(self._drawn_width, self._screen.columns) - width
        self._write("\r" + self._screen.paint(line) + " " * padding)
        self._drawn_width = width

    def _write(self, text: str) -> None:
        self._screen.stream.write(text)
        self._screen.stream.flush()


def format_duration(seconds: float) -> str:
    """A duration in the unit that suits it.

    Example:
        >>> format_duration(10e-6), format_duration(0.003), format_duration(2.0)
        ('10us', '3ms', '2s')
    """
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def format_value(total: object, count: int = 1) -> str:
    """A metric to four digits; tiny ones in scientific notation, arrays by their mean.

    Example:
        >>> format_value(0.65432), format_value(0.0005), format_value(3.0, 2)
        ('0.6543', '5.0000e-04', '1.5000')
    """
    if isinstance(total, str):
        return total
    mean = float(np.mean(np.asarray(total))) / count
    return f"{mean:.4f}" if abs(mean) > 1e-3 else f"{mean:.4e}"


def _joined(metrics: list[str]) -> Line:
    return [(f" - {metric}", "") for metric in metrics]


def _width(line: Line) -> int:
    return sum(len(text) for text, _ in line)


def _encodes(signs: str, encoding: str | None) -> bool:
    try:
        signs.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
