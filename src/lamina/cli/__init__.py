"""The command `lamina`: a table of commands, each a module that is imported when it is called.

A command's module has `add_arguments(parser)` and `run(arguments)`; the latter returns the exit status.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from lamina.core.errors import LaminaError, suggestion
from lamina.version import __version__

# name: what it does, in a line; the module is lamina.cli.<name>.
COMMANDS = {
    "demo": "train a first network on real data and draw what it learnt",
    "tensorboard": "show the logs of trainings in TensorBoard",
}

_INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C has ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name.

    Args:
        argv: the arguments after the program's name; those of the process if not given.

    Returns:
        The exit status: 0 if all went well, 1 after an error, 130 after Ctrl-C. (Arguments that make no sense end
        the process with 2, as is the custom.)
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 0
    if arguments.command not in COMMANDS:
        parser.error(f"there is no command {arguments.command!r}; {suggestion(arguments.command, COMMANDS)}")
    command = importlib.import_module(f"lamina.cli.{arguments.command}")
    options = argparse.ArgumentParser(prog=f"lamina {arguments.command}", description=command.__doc__)
    command.add_arguments(options)
    known, unknown = options.parse_known_args(arguments.rest)
    if unknown:
        names = [name for name in options._option_string_actions if name.startswith("--")]
        options.error(f"there is no option {unknown[0]!r}; {suggestion(unknown[0], names)}")
    try:
        return command.run(known)
    except LaminaError as error:
        print(f"lamina: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlamina: stopped.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone (`lamina demo | head`); without this, Python complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<12} {line}" for name, line in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="lamina",
        description="Deep learning with the Keras API and a compiled training loop.",
        epilog=f"commands:\n{listing}\n\n'lamina COMMAND --help' tells more about one of them.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lamina {__version__}")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="what to do")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="its own arguments")
    return parser
