import sys

import numpy as np
import pytest

from lamina import datasets, models
from lamina.cli import main

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Nothing is written outside, and the window has Keras's usual width."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path.resolve()


def pictures(count):
    """Images whose class is told by the row that is bright."""
    labels = (np.arange(count) % 10).astype("uint8")
    images = np.zeros((count, 28, 28), "uint8")
    images[np.arange(count), labels] = 255
    return images, labels


def test_the_digits_are_learnt_and_drawn(folder, capsys):
    assert main(["demo"]) == 0
    text = capsys.readouterr().out
    assert "1,200" in text
    assert 'Model: "sequential' in text
    assert " Total params: 50,610 (197.70 KB)" in text
    assert "Epoch 15/15\n38/38 - " in text
    assert "val_accuracy" in text
    assert float(text.split("Test accuracy: ")[1].split()[0]) > 0.95
    assert text.count("  ✓ ") + text.count("  ✗ ") == 12
    assert "/step" in text
    for name in ("learning_curves.png", "predictions.png"):
        path = folder / "lamina-demo" / name
        assert f"\n{path}\n" in text
        assert path.read_bytes().startswith(b"\x89PNG")


def test_a_file_gets_no_control_codes_and_narrow_lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["demo", "--epochs", "1"]) == 0
    text = capsys.readouterr().out
    assert not set(text) & {"\x1b", "\r", "\b"}
    own = [line for line in text.splitlines() if not line.startswith(("38/38", "/"))]
    assert max(map(len, own)) < 40


def test_quiet_prints_the_result_and_the_paths(folder, capsys):
    assert main(["demo", "--quiet", "--epochs", "1", "--report", "--out", "some/where"]) == 0
    result, *paths = capsys.readouterr().out.splitlines()
    assert result.startswith("Test accuracy: 0.")
    names = ("learning_curves.png", "predictions.png", "report.html")
    assert paths == [str(folder / "some" / "where" / name) for name in names]
    assert "<h1>Demo: handwritten digits of 8 × 8 pixels</h1>" in (folder / "some/where/report.html").read_text()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_pictures_of_the_other_sets(capsys, monkeypatch, name):
    monkeypatch.setattr(getattr(datasets, name), "load_data", lambda: (pictures(5100), pictures(40)))
    assert main(["demo", "--dataset", name, "--epochs", "1"]) == 0
    text = capsys.readouterr().out
    assert "training on 100, validation on 5,000, test on 40" in " ".join(text.split())
    assert (" Trouser " if name == "fashion_mnist" else " one ") in text


def test_house_prices_are_numbers(capsys, monkeypatch):
    rows = np.random.default_rng(0).normal(1000, 300, (600, 8)).astype("float32")
    prices = (rows[:, 0] * 100 + 50_000).astype("float32")
    splits = (rows[:500], prices[:500]), (rows[500:], prices[500:])
    monkeypatch.setattr(datasets.california_housing, "load_data", lambda: splits)
    assert main(["demo", "--dataset", "california_housing"]) == 0
    text = capsys.readouterr().out
    assert "normalization" in text
    assert "val_mae" in text
    error = float(text.split("Mean absolute test error: $")[1].split()[0].replace(",", ""))
    assert error < 15_000  # guessing the mean would be 24,000 off
    table = text.split("predicted $    actual $\n")[1].split("\n\n")[0].splitlines()
    assert len(table) == 12
    assert float(table[0].split()[1].replace(",", "")) == pytest.approx(float(prices[500]), abs=1)


@pytest.mark.parametrize(
    ("package", "extra"), [("matplotlib", "plots"), ("sklearn.datasets", "sklearn")], ids=["matplotlib", "sklearn"]
)
def test_a_missing_package_is_named_with_its_extra(capsys, monkeypatch, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["demo"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f'hint: install it with: pip install "lamina[{extra}]"' in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_made_is_told_before_training(folder, capsys):
    (folder / "taken").write_text("a file")
    assert main(["demo", "--out", "taken/deeper"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lamina: The folder taken/deeper cannot be made: ")


def test_ctrl_c_ends_with_130_and_a_short_message(capsys, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(models.Sequential, "fit", interrupted)
    assert main(["demo"]) == 130
    assert capsys.readouterr().err == "\nlamina: stopped.\n"
