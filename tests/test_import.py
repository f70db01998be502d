"""`import lamina`: quick, quiet, and without what only some users need."""

import subprocess
import sys

import pytest


def python(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def imported():
    """The modules that `import lamina` brings along."""
    return set(python("import sys, lamina; print('\\n'.join(sys.modules))").stdout.split())


@pytest.mark.parametrize(
    "name",
    [
        *("h5py", "rich", "matplotlib", "pandas", "sklearn", "optuna", "tensorboard", "onnx"),
        *(
            "keras",
            "tensorflow",
            "torch",
            "urllib.request",
            "argparse",
            "lamina.cli",
            "lamina.plots",
            "lamina.datasets",
        ),
    ],
)
def test_what_is_not_imported(imported, name):
    assert "lamina.models" in imported
    assert name not in imported


def test_an_import_raises_no_warning_and_prints_nothing():
    result = python("import lamina", "-W", "error")
    assert (result.stdout, result.stderr) == ("", "")


def test_modules_are_imported_when_they_are_named():
    code = "import sys, lamina; lamina.datasets.mnist; print('lamina.datasets' in sys.modules)"
    assert python(code).stdout.strip() == "True"
