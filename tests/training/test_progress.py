import functools
import io
import os
import subprocess
import sys
from itertools import count

import numpy as np
import pytest

import lamina
from lamina.training.progress import ProgressBar, Screen, format_duration, format_value

pty = pytest.importorskip("pty")

METRICS = [("accuracy", 0.78123), ("loss", 0.65432)]
VALIDATION = [*METRICS, ("val_accuracy", 0.75), ("val_loss", 0.0005)]

TWO_EPOCHS = """
from itertools import count
from lamina.training.progress import ProgressBar
for epoch in (1, 2):
    ticks = count()
    bar = ProgressBar({target}, verbose=1, clock=lambda: next(ticks) * 0.1)
    for step in range(1, 158):
        bar.update(step, [("accuracy", 0.78123), ("loss", 0.65432)])
    bar.update(157, [("accuracy", 0.78), ("loss", 0.65), ("val_accuracy", 0.75), ("val_loss", 0.5)], finalize=True)
"""


@functools.cache
def run_on_terminal(code, columns, **environment):
    """What the code writes to a terminal of that width."""
    import fcntl
    import struct
    import termios

    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=writer,
        env={**inherited, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment},
    )
    os.close(writer)
    written = b""
    while True:
        try:
            block = os.read(reader, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not block:
            break
        written += block
    os.close(reader)
    assert process.wait() == 0
    return written.decode().replace("\r\n", "\n")


def bar_to(stream, target=157, verbose=1, **settings):
    ticks = count()
    return ProgressBar(target, verbose=verbose, screen=Screen(stream), clock=lambda: next(ticks) * 0.1, **settings)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    return Terminal()


@pytest.mark.parametrize(("columns", "target"), [(30, 157), (40, 157), (120, 157), (40, None)])
def test_no_line_is_wider_than_the_window(columns, target):
    written = run_on_terminal(TWO_EPOCHS.format(target=target), columns, NO_COLOR="1")
    drawings = written.replace("\r", "\n").split("\n")
    assert len(drawings) > 300
    assert max(map(len, drawings)) < columns


def test_nothing_is_lost_from_the_last_line_in_a_narrow_window():
    written = run_on_terminal(TWO_EPOCHS.format(target=157), 40, NO_COLOR="1")
    left = [line.split("\r")[-1].rstrip() for line in written.split("\n")]
    assert left[:4] == [
        "157/157 ━━━━━━━━━━━━━━━━ 16s 100ms/step",
        "  accuracy: 0.7800 - loss: 0.6500",
        "  val_accuracy: 0.7500",
        "  val_loss: 0.5000",
    ]


def test_a_wide_window_has_the_line_of_keras():
    written = run_on_terminal(TWO_EPOCHS.format(target=157), 120, NO_COLOR="1")
    assert written.split("\n")[0].split("\r")[-1].rstrip() == (
        "157/157 ━━━━━━━━━━━━━━━━━━━━ 16s 100ms/step"
        " - accuracy: 0.7800 - loss: 0.6500 - val_accuracy: 0.7500 - val_loss: 0.5000"
    )


def test_the_bar_is_green_on_a_terminal_and_plain_with_no_color():
    assert "\x1b[1m157/157\x1b[0m \x1b[32m━" in run_on_terminal(TWO_EPOCHS.format(target=157), 100)
    assert "\x1b" not in run_on_terminal(TWO_EPOCHS.format(target=157), 100, NO_COLOR="1")


def test_a_pipe_gets_one_plain_line_an_epoch():
    done = subprocess.run([sys.executable, "-c", TWO_EPOCHS.format(target=157)], capture_output=True, check=True)
    line = b"157/157 - 16s - 100ms/step - accuracy: 0.7800 - loss: 0.6500 - val_accuracy: 0.7500 - val_loss: 0.5000"
    assert done.stdout.splitlines() == [line, line]


def test_a_running_bar_shows_the_time_that_is_left(terminal):
    bar = bar_to(terminal)
    bar.update(50, METRICS)
    bar.update(100, METRICS)
    drawings = terminal.getvalue().split("\r")
    assert drawings[1].startswith(" 50/157 ━━━━━━────────────── 0s 2ms/step - accuracy: 0.7812 - loss: 0.6543")
    assert drawings[2].startswith("100/157 ━━━━━━━━━━━━──────── 0s 2ms/step - accuracy: 0.7812 - loss: 0.6543")


@pytest.mark.parametrize(("seconds", "text"), [(45, "45s"), (125, "2:05"), (7325, "2:02:05")])
def test_the_time_left_in_minutes_and_hours(terminal, seconds, text):
    clock = iter([0.0, seconds]).__next__
    ProgressBar(2, screen=Screen(terminal), clock=clock).update(1)
    assert f" {text} " in terminal.getvalue()


def test_an_unknown_number_of_steps_is_counted(terminal):
    bar = bar_to(terminal, target=None)
    bar.update(12, METRICS)
    assert "     12/Unknown 0s 8ms/step - accuracy: 0.7812" in terminal.getvalue()
    bar.update(12, METRICS, finalize=True)
    assert bar.target == 12
    assert "12/12 ━━━━━━━━━━━━━━━━━━━━ 0s 8ms/step" in terminal.getvalue()


def test_it_is_drawn_no_more_often_than_the_interval(terminal):
    times = iter([0.0, 1.0, 1.01, 1.02, 1.06]).__next__
    bar = ProgressBar(10, screen=Screen(terminal), clock=times, interval=0.05)
    for step in (1, 2, 3, 4):
        bar.update(step)
    assert terminal.getvalue().count("\r") == 2


def test_a_shorter_line_covers_a_longer_one(terminal):
    bar = bar_to(terminal, target=None)
    bar.update(1, [("loss", 1e-9)])
    bar.update(2, [("loss", 1.0)])
    first, second = terminal.getvalue().split("\r")[1:]
    assert len(second) == len(first)
    assert second.endswith("loss: 1.0000    ")


def test_compiling_and_validation_do_not_count_as_steps():
    stream = io.StringIO()
    times = iter([0.0, 10.0, 10.3, 15.0]).__next__
    bar = ProgressBar(200, verbose=2, screen=Screen(stream), clock=times)
    bar.update(100)
    bar.update(200)
    bar.update(200, finalize=True)
    assert stream.getvalue() == "200/200 - 15s - 3ms/step\n"


def test_verbose_2_prints_when_the_epoch_ends_and_0_nothing():
    stream = io.StringIO()
    bar = bar_to(stream, verbose=2)
    bar.update(100, METRICS)
    assert stream.getvalue() == ""
    bar.update(157, VALIDATION, finalize=True)
    assert stream.getvalue() == (
        "157/157 - 0s - 2ms/step - accuracy: 0.7812 - loss: 0.6543 - val_accuracy: 0.7500 - val_loss: 5.0000e-04\n"
    )
    silent = io.StringIO()
    bar_to(silent, verbose=0).update(157, VALIDATION, finalize=True)
    assert silent.getvalue() == ""


def test_values_that_are_not_stateful_are_averaged_over_steps(terminal):
    bar = bar_to(terminal, target=10, stateful=["accuracy"])
    bar.update(1, [("loss", 4.0), ("accuracy", 0.1)])
    bar.update(4, [("loss", 2.0), ("accuracy", 0.7)])
    assert "loss: 2.5000 - accuracy: 0.7000" in terminal.getvalue()
    bar.update(10, [("loss", 1.0)], finalize=True)
    assert "loss: 1.0000" in terminal.getvalue()


def test_close_ends_the_line_once(terminal):
    bar = bar_to(terminal)
    bar.update(1)
    bar.close()
    bar.close()
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("\n")


def test_an_encoding_without_the_signs_gets_ascii(terminal):
    terminal.encoding = "cp1252"
    bar = bar_to(terminal)
    bar.update(80, METRICS)
    bar.update(157, VALIDATION, finalize=True)
    assert terminal.getvalue().isascii()
    assert " 80/157 ==========.......... " in terminal.getvalue()


def test_a_dumb_terminal_and_a_lost_output_are_safe(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    bar_to(terminal).update(157, METRICS, finalize=True)
    assert "\r" not in terminal.getvalue()
    monkeypatch.setattr(sys, "stdout", None)  # as in a Windows program without a console
    ProgressBar(3).update(3, METRICS, finalize=True)


def test_a_notebook_redraws():
    OutStream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream", "encoding": "utf-8"})
    stream = OutStream()
    bar_to(stream).update(3, METRICS)
    assert stream.getvalue().startswith("\r")


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.4, "2s"), (0, "0s"), (0.0034, "3ms"), (10e-6, "10us"), (0.0009, "900us")]
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"),
        (-0.5, "-0.5000"),
        (0.0005, "5.0000e-04"),
        (0.0, "0.0000e+00"),
        (float("nan"), "nan"),
        ([1.0, 2.0], "1.5000"),
        (3, "3.0000"),
        ("warm", "warm"),
    ],
)
def test_values(value, text):
    assert format_value(value) == text


def test_the_bar_of_an_ended_epoch_gives_way_to_the_metrics(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    bar = bar_to(terminal)
    bar.update(157, VALIDATION, finalize=True)
    (line,) = terminal.getvalue().strip().split("\n")
    assert 5 <= line.count("━") < 20
    assert line.endswith("val_loss: 5.0000e-04")


def test_the_bar_of_fit_tells_of_training_alone(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stdout", terminal)
    model = lamina.Sequential([lamina.layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    model.compile(lamina.optimizers.SGD(0.0), "mse")
    x = np.zeros((64, 2), "float32")
    model.fit(x, x[:, :1] + 3, validation_data=(np.repeat(x, 9, axis=0), np.full((576, 1), 5.0)))
    lines = terminal.getvalue().replace("\n", "\r").split("\r")
    drawn = [line.strip() for line in lines if "loss" in line]
    assert len(drawn) > 1
    assert all(" loss: 9.0000" in line for line in drawn)
    assert [line for line in drawn if "25.0" in line] == drawn[-1:]
    assert drawn[-1].startswith("2/2 ")
    assert drawn[-1].endswith("- loss: 9.0000 - val_loss: 25.0000")
