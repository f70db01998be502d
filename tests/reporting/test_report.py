"""Reports on models of all kinds: what the page tells, and that it is a good page."""

import itertools
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    FileError,
    MissingExtraError,
    NotCompiledError,
)
from tests.browser import OVERFLOW, Browser, chromium

pytest.importorskip("matplotlib")

VOID = {"img", "link", "meta", "source"}
ODD = "<script>alert('no')"


class Page(HTMLParser):
    """A page as nested elements; fails where tags do not close each other."""

    def __init__(self, path):
        super().__init__()
        self.open, self.elements, self.text = [], [], ""
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data + "\n"

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def words_after(self, words, count):
        return self.text[self.text.index(words) + len(words) :].split("\n", 1)[1].split("\n")[:count]


def page_of(model, history, data, folder, **options):
    return Page(Path(lamina.report(model, history, data, folder / "report.html", **options)))


def trained(outputs, losses, x, y, metrics=None):
    inputs = lamina.Input(x.shape[1:], name="x")
    hidden = lamina.layers.Dense(4, "relu", name="hidden")(lamina.layers.Flatten(name="flat")(inputs))
    ends = [lamina.layers.Dense(units, activation, name=name)(hidden) for name, units, activation in outputs]
    model = lamina.Model(inputs, ends if len(ends) > 1 else ends[0], name=f"net{ODD}")
    model.compile("sgd", losses, metrics=metrics)
    return model, model.fit(x, y, epochs=2, validation_split=0.25, verbose=0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Reports of a classifier of images and of a model with an output of each kind."""
    folder = tmp_path_factory.mktemp("reports")
    lamina.utils.set_random_seed(7)
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, 8, 8)), np.arange(40) % 3
    model, history = trained([("kind", 3, "softmax")], "sparse_categorical_crossentropy", images, labels, ["accuracy"])
    names = ["cat & dog", ODD, "bird"]
    lamina.report(model, history, (images, labels), folder / "images.html", class_names=names)
    x = rng.normal(size=(40, 12))
    y = [x[:, 0], x[:, 1] > 0, x[:, :3] > 0, np.eye(2)[(x[:, 2] > 0) * 1]]
    outputs = [("price", 1, None), ("sold", 1, None), ("tags", 3, "sigmoid"), ("group", 2, "softmax")]
    logits = lamina.losses.BinaryCrossentropy(from_logits=True)
    losses = ["mse", logits, "binary_crossentropy", "categorical_crossentropy"]
    several, history = trained(outputs, losses, x, y)
    lamina.report(several, history, (x, y), folder / "several.html")
    return {"folder": folder, "images": (model, images, labels), "several": (several, x, y)}


@pytest.mark.parametrize("name", ["images", "several"])
def test_the_page_is_whole_and_stands_alone(made, name):
    page = Page(made["folder"] / f"{name}.html")
    assert ODD not in page.source
    assert not page.all("script")
    links = [a.get("src") or a.get("srcset") or a.get("href") for _, a in page.elements]
    assert all(link.startswith(("data:", "#")) for link in links if link)
    assert not re.findall(r"url\(|@import", page.source)


@pytest.mark.parametrize("name", ["images", "several"])
def test_the_page_can_be_heard_and_used_with_the_keyboard(made, name):
    page = Page(made["folder"] / f"{name}.html")
    assert page.all("html") == [{"lang": "en"}]
    assert all(len(page.all(tag)) == 1 for tag in ("title", "h1", "header", "nav", "main", "footer"))
    assert all(image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) > 4
    assert all(cell["scope"] in ("row", "col") for cell in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)
    assert all(attrs["aria-labelledby"] in ids for attrs in page.all("section"))
    assert page.all("a")[0] == {"href": "#content", "class": "skip"}
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_classes_are_counted_and_mistakes_shown_as_images(made):
    model, images, labels = made["images"]
    page = Page(made["folder"] / "images.html")
    guess = model.predict(images, verbose=0)
    wrong = guess.argmax(axis=1) != labels
    accuracy = model.evaluate(images, labels, verbose=0, return_dict=True)["accuracy"]
    assert f"{1 - wrong.mean():.1%} of all predictions are right" in page.text
    assert 1 - wrong.mean() == pytest.approx(accuracy)
    for true in range(3):
        for said in range(3):
            count = ((labels == true) & (guess.argmax(axis=1) == said)).sum()
            assert re.search(rf'style="--share: \d+%">{count}</td>', page.source)
    assert len([image for image in page.all("img") if image.get("class") == "pixels"]) == min(12, wrong.sum())
    surest = np.where(wrong, guess.max(axis=1), 0).argmax()
    assert page.text.index(f"row {surest}\n") == page.text.index("row ", page.text.index("Worst mistakes of"))


def test_each_output_is_told_in_its_own_terms(made):
    model, x, y = made["several"]
    page = Page(made["folder"] / "several.html")
    price, sold, tags, group = model.predict(x, verbose=0)
    error = np.abs(price[:, 0] - y[0])
    assert f"{error.mean():.4g}" in page.words_after("mean residual", 3)
    assert f"Classes of sold; {((sold[:, 0] > 0) == y[1]).mean():.1%} of all" in page.text  # logits
    assert f"all of them are right in {((tags > 0.5) == y[2]).all(axis=1).mean():.1%} of the rows" in page.text
    assert f"Classes of group; {(group.argmax(axis=1) == y[3].argmax(axis=1)).mean():.1%} of all" in page.text
    alts = " ".join(image["alt"] for image in page.all("img"))
    better = np.sign(sold[y[1]] - sold[~y[1]].T)
    area = (1 + better.mean()) / 2
    assert float(re.search("Legend: area ([0-9.]+)", alts)[1]) == pytest.approx(area, abs=0.001)
    rows = page.text[page.text.index("Worst mistakes of price") :]
    assert rows[rows.index("…\n") + 2 :].split("\n")[0] == str(error.argmax())
    titles = [title for title in page.text.split("\n") if title in model.output_names]
    assert {"price", "sold", "tags", "group"} <= set(titles)


def test_what_is_needed_to_train_again_is_there(made):
    text = Page(made["folder"] / "images.html").text
    assert f"lamina\n{lamina.__version__}\n" in text
    assert "global seed\n7\n" in text
    assert "2 of 2 epochs, 1 steps each" in text
    assert '"loss": "sparse_categorical_crossentropy"' in text


@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_a_browser_shows_the_page_without_errors_at_any_width(made):
    with Browser() as browser:
        for name in ("images", "several"):
            for width, dark in ((360, True), (1280, False)):
                browser.open((made["folder"] / f"{name}.html").as_uri(), width, dark=dark)
                assert browser.evaluate(OVERFLOW) == []
                ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (ground == "rgb(20, 23, 31)") is dark
                assert browser.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        assert browser.complaints == []
        assert browser.pdf().startswith(b"%PDF")
        for _ in range(2):  # the second one is on the skip link, if it comes to sight
            browser.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        assert browser.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
        assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# -- other data ------------------------------------------------------------------------------------------------------


def test_batches_and_places_in_sequences(tmp_path):
    model = lamina.Sequential([lamina.Input((3,), dtype="int32"), lamina.layers.Embedding(5, 4)])
    model.add(lamina.layers.Dense(4, "softmax", name="parts"))
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = np.array([[1, 2, 1], [4, 3, 0]]), np.array([[1, 2, 1], [2, 1, 3]])
    page = page_of(model, None, (x, y), tmp_path)
    assert "at place" in page.text
    assert "Curves" not in page.text

    class Batches(lamina.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return x[index : index + 1], y[index : index + 1]

    assert "2 rows to test on" in page_of(model, None, Batches(), tmp_path).text


def test_predictions_that_are_no_numbers_are_told(tmp_path):
    model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(1, kernel_initializer="ones", name="sum")])
    model.compile(loss=lambda y, p: abs(y - p), metrics=["mae"])
    x = np.array([[1.0, 2.0], [np.inf, 0.0], [3.0, 1.0]])
    with pytest.warns(UserWarning, match="NaN"):
        page = page_of(model, {"loss": [1.0, np.nan]}, (x, np.array([[3.5], [1.0], [4.0]])), tmp_path)
    assert "1 predictions are NaN or infinite" in page.text
    assert page.words_after("Worst mistakes of sum", 6)[-1] != ""


def test_metrics_of_several_numbers_and_logs_without_any(tmp_path):
    model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(2, "softmax", name="kind")])
    model.compile(loss="categorical_crossentropy", metrics=[lamina.metrics.F1Score(name="f1")])
    history = {"loss": [1.0], "val_loss": [np.nan], "f1": [[0.5, 1.0]]}
    page = page_of(model, history, (np.eye(2), np.eye(2)), tmp_path)
    assert {"f1[0]", "f1[1]"} <= set(page.text.split("\n"))
    assert page.words_after("f1", 6) == ["–"] * 6


def test_a_model_without_mistakes(tmp_path):
    model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1, kernel_initializer="ones", name="same")])
    model.compile(loss="mse")
    page = page_of(
        model, None, ([[0.0], [1.0]], [[0.0], [1.0]]) and (np.array([[0.0], [1.0]]), np.array([[0], [1]])), tmp_path
    )
    assert "same: no class is taken for another." in page.text
    assert "same: there are no mistakes on the test data." in page.text


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model": "net"}, ArgumentTypeError, "model must be a model of lamina's. Received: str"),
        ({"history": {}}, ArgumentError, "history is empty"),
        ({"history": (np.ones(3), np.ones(3))}, ArgumentTypeError, "history must be what fit"),
        ({"test_data": np.ones((3, 8, 8))}, DataError, r"a single ndarray of shape \(3, 8, 8\)"),
        ({"test_data": (np.ones((3, 8, 8)),)}, DataError, r"must be \(x, y\).*Received: 1 items"),
        ({"test_data": (np.ones((3, 8, 8)), None)}, DataError, r"must be \(x, y\)"),
        ({"test_data": (np.ones((0, 8, 8)), np.ones(0))}, DataError, "test_data has no rows"),
        ({"test_data": iter(())}, DataError, "a source of batches with a length"),
        ({"class_names": ["a"]}, ArgumentError, "class_names has 1 words, but the output 'kind' has 3 classes"),
        ({"path": "missing/report.html"}, FileError, "there is no folder"),
    ],
)
def test_what_cannot_be_reported_is_told(made, tmp_path, monkeypatch, change, error, message):
    monkeypatch.chdir(tmp_path)
    model, images, labels = made["images"]
    arguments = {"model": model, "history": None, "test_data": (images, labels), **change}
    with pytest.raises(error, match=message):
        lamina.report(**arguments)


def test_a_model_that_is_not_compiled_is_told():
    with pytest.raises(NotCompiledError, match="model 'plain' is not compiled"):
        lamina.report(lamina.Sequential(name="plain"), None, None)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="needs the package 'matplotlib'"):
        lamina.report(None, None, None)
