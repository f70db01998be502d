import io

import numpy as np
import pytest
from rich.console import Console

from lamina.population import Population
from lamina.population.member import Member
from lamina.population.progress import Progress, score_of
from tests.population.networks import build


def members(losses):
    """Members as they are after some epochs."""
    made = []
    for n, values in enumerate(losses):
        member = Member(n, {"rate": 0.1 * (n + 1)}, None, None)
        member.status = "training"
        for epoch, value in enumerate(values):
            member.history.on_epoch_end(epoch, {"loss": 1.0, "val_loss": value})
        made.append(member)
    return made


def test_the_table_tells_who_is_best_and_how_long_it_takes():
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    trained = members([[3.0, 2.0], [1.0, np.nan], [2.5, 2.25], [9.0], [8.0], [7.0]])
    trained[1].status = "diverged"
    with Progress(1, range(4), trained, console) as progress:
        progress.report(0, trained)
        progress.report(1, trained)
    shown = console.file.getvalue()
    assert "1 of 6 networks done" in shown
    assert "epoch 2/4" in shown
    assert "at most 0:00 left" in shown
    assert "best val_loss" in shown
    last = shown[shown.rindex("best val_loss") :]
    assert last.index("rate=0.2") < last.index("rate=0.1") < last.index("rate=0.3")
    assert "diverged" in last
    assert "… and 1 more" in last


def test_scores_are_the_best_that_were_reached():
    assert [score_of(member) for member in members([[3.0, 2.0, 2.5], [np.nan], []])] == [2.0, np.inf, np.inf]


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (1, 1), (2, 3), ("auto", 1)])
def test_without_a_terminal_there_are_lines_and_no_control_codes(data, capsys, verbose, lines):
    Population(build, [{"rate": 0.05}, {"rate": 0.01}, {"rate": 0.002}]).fit(*data, epochs=3, verbose=verbose)
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == lines
    assert "\x1b" not in shown
    assert "\r" not in shown
    if lines:
        assert shown.splitlines()[-1].startswith("epoch 3/3: 3 of 3 networks in training, best loss ")
