"""Starts TensorBoard on a folder of logs."""

import argparse
import os
import sys

from lamina.core.errors import FileError
from lamina.tensorboard.damage import find_damage
from lamina.tensorboard.events import require_tensorboard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and where to listen."""
    parser.add_argument("logdir", nargs="?", default="logs", help="the folder of logs (default: %(default)s)")
    parser.add_argument("--port", type=int, default=6006, help="the port to listen at (default: %(default)s)")
    parser.add_argument("--host", default="localhost", help="the address to listen at (default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the server until Ctrl-C, after telling of event files that are damaged; returns its exit status."""
    require_tensorboard("lamina tensorboard")
    if not os.path.isdir(arguments.logdir):
        raise FileError(
            f"There is no folder '{arguments.logdir}' to show.",
            hint="name the log_dir of your TensorBoard callback, or the folder above several of them.",
        )
    for damage in find_damage(arguments.logdir):
        print(f"lamina: {damage}", file=sys.stderr)
    # In this process, so that a signal to end it ends the server.
    from tensorboard import default, program

    server = program.TensorBoard(default.get_plugins())
    options = ["--logdir", arguments.logdir, "--host", arguments.host, "--port", str(arguments.port)]
    server.configure(["tensorboard", *options])
    return int(server.main() != 0)
