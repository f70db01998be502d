import subprocess
import sys

import pytest

from lamina.cli import COMMANDS, main
from lamina.version import __version__


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"lamina {__version__}\n"


def test_python_m_lamina_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "lamina", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"lamina {__version__}\n"


def test_without_a_command_it_tells_what_there_is(capsys):
    assert main([]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["dmeo"], "there is no command 'dmeo'; did you mean demo?"),
        (["demo", "--ephocs", "3"], "there is no option '--ephocs'; did you mean --epochs"),
        (["demo", "--dataset", "fashon_mnist"], "did you mean fashion_mnist"),
        (["demo", "--epochs", "0"], "must be a whole number, 1 or more, not '0'"),
        (["demo", "--epochs", "many"], "must be a whole number, 1 or more, not 'many'"),
    ],
)
def test_arguments_that_make_no_sense_end_with_2(capsys, argv, message):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_each_command_has_help(capsys):
    for name in COMMANDS:
        with pytest.raises(SystemExit) as stopped:
            main([name, "--help"])
        assert stopped.value.code == 0
        assert f"usage: lamina {name}" in capsys.readouterr().out
