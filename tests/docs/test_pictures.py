"""The script that draws the documents' pictures runs, and draws all that they show."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def make():
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    spec = importlib.util.spec_from_file_location("make", DOCS / "pictures" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_picture_is_drawn(make, tmp_path):
    pictures = make.main(tmp_path)
    assert all(path.stat().st_size > 3000 for path in pictures)
    kept = {path.name for path in (DOCS / "pictures").iterdir() if path.suffix in (".png", ".gif")}
    assert {path.name for path in pictures} == kept


def test_each_picture_of_the_documents_exists():
    shown = [
        page.parent / target
        for page in DOCS.glob("*.md")
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(shown) > 10
    assert [path for path in shown if not path.is_file()] == []
