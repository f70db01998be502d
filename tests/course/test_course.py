"""The course's notes, run cell by cell.

Each script beside this file makes the calls of one section of the notes, in their order and with their arguments
(misspellings in the notes aside: see test_misspellings.py), and runs in full on the real data as it stands:
`python tests/course/hands_on_chapter_10/s2_1_classifier.py`. A `# %% title` line starts a cell. The 174 cells cover
every code cell of the notes, but for slides that repeat another slide's code, and for shell commands and notebook
magics; where the notes lean on cells that they do not show (loading and scaling the data), the scripts add them.

Here a script's cells run in one namespace on small data, and each is a test. A cell that fails takes away the names it
was to bind, so that what depends on it fails too. EXPECTED_FAILURES holds the cells that need what lamina cannot do
yet; a cell that starts to pass must leave it.
"""

import contextlib
import dis
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

import pytest

pytestmark = [
    pytest.mark.usefixtures("course_environment"),
    pytest.mark.filterwarnings("ignore:.* is not the published file"),  # nor is it: it is small
]

HERE = Path(__file__).resolve().parent

# "script:cell title" -> what lamina lacks
EXPECTED_FAILURES: dict[str, str] = {}


@dataclass
class Script:
    """A script of the course, its cells, and how far they have run."""

    name: str
    cells: dict[str, CodeType]
    namespace: dict[str, object] = field(default_factory=dict)
    outcomes: dict[str, Exception | None] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Script":
        """Cuts a script at its `# %%` lines; every cell keeps its line numbers."""
        text = path.read_text(encoding="utf-8")
        marks = list(re.finditer(r"^# %% (.+)$", text, re.MULTILINE))
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        cells = {}
        for mark, end in zip(marks, ends, strict=True):
            assert mark[1] not in cells, f"{path} has two cells {mark[1]!r}"
            above = "\n" * text.count("\n", 0, mark.start())
            cells[mark[1]] = compile(above + text[mark.start() : end], str(path), "exec")
        return cls(path.relative_to(HERE).as_posix(), cells)

    def run(self, title: str, folder: Path) -> None:
        """Runs the script up to a cell, what has run already aside, and raises what that cell raises."""
        folder.mkdir(exist_ok=True)
        for cell, code in self.cells.items():
            if cell not in self.outcomes:
                with contextlib.chdir(folder):
                    self.outcomes[cell] = self._execute(code)
            if cell == title:
                break
        if error := self.outcomes[title]:
            raise error

    def _execute(self, code: CodeType) -> Exception | None:
        if not self.namespace:
            self.namespace["__name__"] = Path(self.name).stem
        try:
            exec(code, self.namespace)
        except Exception as error:
            for step in dis.get_instructions(code):
                if step.opname == "STORE_NAME":
                    self.namespace.pop(step.argval, None)
            return error
        return None


SCRIPTS = {script.name: script for script in (Script.read(path) for path in sorted(HERE.glob("*/*.py")))}
CELLS = [(script.name, title) for script in SCRIPTS.values() for title in script.cells]


def case(script: str, title: str) -> object:
    """A cell as a test case, marked if it is expected to fail."""
    key = f"{script}:{title}"
    if key not in EXPECTED_FAILURES:
        return pytest.param(script, title, id=key)
    lacks = (AttributeError, ImportError, LookupError, NameError, NotImplementedError, TypeError, ValueError)
    mark = pytest.mark.xfail(strict=True, raises=lacks, reason=f"needs {EXPECTED_FAILURES[key]}")
    return pytest.param(script, title, id=key, marks=mark)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scripts leave their files, a folder each."""
    return tmp_path_factory.mktemp("course")


@pytest.mark.parametrize(("script", "title"), [case(*cell) for cell in CELLS])
def test_cell_runs(script: str, title: str, folders: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    SCRIPTS[script].run(title, folders / script.replace("/", "."))


def test_expected_failures_name_cells() -> None:
    assert set(EXPECTED_FAILURES) <= {f"{script}:{title}" for script, title in CELLS}
