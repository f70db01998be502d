"""What is shown while a population trains."""

import sys
import time
from types import TracebackType
from typing import Any, Self

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lamina.population.member import Member

_SHOWN = 5
_REDRAWS_PER_SECOND = 4


class Progress:
    """Tells how a training goes: a live table on a terminal, lines elsewhere, nothing if it is to be silent.

    Args:
        verbose: 0 for silence; 1 for a table, or one line at the end where there is no terminal; 2 for lines.
        epochs: their numbers.
        members: all that are to be trained.
        console: where the table is drawn; the standard output when left out.
    """

    def __init__(self, verbose: int, epochs: range, members: list[Member], console: Console | None = None) -> None:
        self._verbose = verbose
        self._epochs = epochs
        self._members = members
        self._seconds: list[float] = []
        self._began = self._last = time.monotonic()
        draws = verbose == 1 and (console is not None or sys.stdout.isatty())
        self._live = Live(console=console, auto_refresh=False) if draws else None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._draw(self._epochs.start + len(self._seconds) - 1)
            self._live.stop()

    def report(self, epoch: int, taking_part: list[Member]) -> None:
        """Takes note of the end of an epoch.

        Args:
            epoch: its number.
            taking_part: who was trained.
        """
        now = time.monotonic()
        self._seconds.append(now - self._last)
        self._last = now
        if self._live is not None:
            if now - self._drawn > 1 / _REDRAWS_PER_SECOND:
                self._drawn = now
                self._draw(epoch)
        elif self._verbose == 2 or (self._verbose and self._is_last(epoch)):
            print(self._line(epoch, taking_part), flush=True)

    def _is_last(self, epoch: int) -> bool:
        return all(m.is_done or (m.status == "training" and epoch + 1 == self._epochs.stop) for m in self._members)

    def _line(self, epoch: int, taking_part: list[Member]) -> str:
        losses = np.array([member.history.history.get("loss", [np.nan])[-1] for member in taking_part])
        going = sum(not member.is_done for member in self._members)
        best = f", best loss {np.nanmin(losses):.4g}" if np.isfinite(losses).any() else ""
        return f"epoch {epoch + 1}/{self._epochs.stop}: {going} of {len(self._members)} networks in training{best}"

    # -- the table ---------------------------------------------------------------------------------------------------

    def _draw(self, epoch: int) -> None:
        assert self._live is not None
        self._live.update(self._picture(epoch), refresh=True)

    def _picture(self, epoch: int) -> Group:
        done = sum(member.is_done for member in self._members)
        count = len(self._members)
        head = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=count * len(self._epochs), completed=self._progress(), width=30)
        head.add_row(
            bar,
            f"{done} of {count} networks done",
            f"epoch {epoch + 1}/{self._epochs.stop}",
            f"{_clock(self._last - self._began)}, at most {_clock(self._left())} left",
        )
        return Group(head, self._best())

    def _progress(self) -> int:
        return sum(len(self._epochs) if member.is_done else len(member.history.epoch) for member in self._members)

    def _left(self) -> float:
        """Seconds until all are done, if none stops before the last epoch."""
        recent = self._seconds[-10:]
        return float(np.mean(recent)) * (len(self._epochs) - len(self._seconds)) if recent else 0.0

    def _best(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0))
        scored = sorted((score_of(member), member.index, member) for member in self._members)
        name = score_name(self._members)
        for column in ("network", "parameters", "epochs", "status", f"best {name}"):
            table.add_column(column, justify="right" if column in ("network", "epochs", f"best {name}") else "left")
        for rank, (score, index, member) in enumerate(scored[:_SHOWN]):
            row: list[Any] = [str(index), _parameters(member), str(len(member.history.epoch)), member.status]
            table.add_row(*row, Text(f"{score:.4g}", style="bold green" if rank == 0 else ""))
        if len(scored) > _SHOWN:
            table.add_row("", f"… and {len(scored) - _SHOWN} more", "", "", "", style="dim")
        return table


def score_name(members: list[Member]) -> str:
    """What members are compared by: the loss on the rows held out, or that of the training where there are none."""
    return "val_loss" if any("val_loss" in member.history.history for member in members) else "loss"


def score_of(member: Member) -> float:
    """The best score of a member; infinity before there is one."""
    values = np.array(member.history.history.get(score_name([member]), []), float)
    values = values[np.isfinite(values)]
    return float(values.min()) if values.size else float("inf")


def _parameters(member: Member) -> str:
    shown = (f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in member.candidate.items())
    return ", ".join(shown)


def _clock(seconds: float) -> str:
    """Seconds as minutes and seconds.

    Example:
        >>> _clock(75)
        '1:15'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
