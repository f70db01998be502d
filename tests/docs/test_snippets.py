"""What the documents show works: Python blocks run, commands exist."""

import re
import shlex
import sys
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(
    r"^(?P<indent>[ \t]*)```(?P<language>[\w-]*)[^\n]*\n(?P<code>.*?)^(?P=indent)```[ \t]*$", re.M | re.S
)


class Block(NamedTuple):
    """A fenced block: its language, its text and the line where the text starts."""

    language: str
    code: str
    line: int


def blocks(text, *languages):
    found = (
        Block(match["language"], dedent(match["code"]), text.count("\n", 0, match.start("code")) + 1)
        for match in FENCE.finditer(text)
    )
    return [block for block in found if block.language in languages]


def commands(block):
    """The commands of a shell block, each as a list of words; a console block marks them with `$ `."""
    lines = block.code.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    for line in lines:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = []
        for word in [*lexer, ";"]:
            if not set(word) <= set("();<>|&"):
                words.append(word)
            elif words:
                yield words
                words = []


def documents_with(*languages):
    present = (path for path in DOCUMENTS if path.exists())
    chosen = [path for path in present if blocks(path.read_text(encoding="utf-8"), *languages)]
    return pytest.mark.parametrize("path", chosen, ids=lambda path: str(path.relative_to(ROOT)))


def commands_of(path, program):
    """The arguments of every call of `program` in the shell blocks of a document."""
    found = blocks(path.read_text(encoding="utf-8"), "sh", "console")
    return [words[1:] for block in found for words in commands(block) if words[:1] == [program]]


@documents_with("python")
def test_python_blocks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for block in blocks(path.read_text(encoding="utf-8"), "python"):
        padded = "\n" * (block.line - 1) + block.code  # tracebacks then name the document's own lines
        exec(compile(padded, str(path), "exec"), namespace)


@documents_with("sh", "console")
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for words in commands_of(path, "make"):
        asked = {word for word in words if "=" not in word and not word.startswith("-")}
        assert asked <= targets, f"make {' '.join(words)}"


@documents_with("sh", "console")
def test_lamina_commands_parse(path, monkeypatch, capsys):
    for words in commands_of(path, "lamina"):
        from lamina.cli import main

        subcommand = [word for word in words[:1] if not word.startswith("-")]
        monkeypatch.setattr(sys, "argv", ["lamina", *subcommand, "--help"])
        with pytest.raises(SystemExit) as stop:
            main()
        described = capsys.readouterr().out
        assert not stop.value.code, f"lamina {' '.join(words)}"
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert option in described, f"lamina {' '.join(words)}"


def test_blocks_are_found_with_their_language_and_line():
    text = "# A\n\n```python\nx = 1\n```\n\n- item\n\n  ```sh title\n  make demo\n  ```\n\n```text\nnot run\n```\n"
    assert blocks(text, "python", "sh") == [Block("python", "x = 1\n", 4), Block("sh", "make demo\n", 10)]


def test_commands_are_split_and_console_output_is_skipped():
    shell = Block("sh", "make demo && lamina demo \\\n  --quiet > log.txt  # a comment\n", 1)
    assert list(commands(shell)) == [
        ["make", "demo"],
        ["lamina", "demo", "--quiet"],
        ["log.txt"],
    ]
    console = Block("console", "$ make test ARGS='-k dense'\nmake printed this\n", 1)
    assert list(commands(console)) == [["make", "test", "ARGS=-k dense"]]
