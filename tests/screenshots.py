"""Takes pictures of TensorBoard's tabs and of a report in headless Chromium: `make screenshots`."""

import sys
import tempfile
import time
from pathlib import Path

import lamina
from lamina.cli._demo_data import RECIPES
from tests.browser import Browser, chromium
from tests.tensorboard.runs import train_embedding, train_population, train_wide_and_deep, write_by_hand
from tests.tensorboard.server import Server

TABS = {
    "scalars": "#scalars",
    "time-series": "#timeseries",
    "images": "#images",
    "histograms": "#histograms",
    "graph-of-operations": "#graphs",
    "graph-of-layers": "#graphs",
    "projector": "#projector",
    "hparams": "#hparams",
}
FIND = """const find = (root, what) => root.querySelector(what) ?? [...root.querySelectorAll('*')].reduce(
  (found, node) => found ?? (node.shadowRoot && find(node.shadowRoot, what)), null);"""
SETTLED = 4  # pictures in a row, a second apart, that are the same


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        logs = Path(name)
        for run, rate in (("wide_and_deep", 0.01), ("wide_and_deep_slow", 0.001)):
            train_wide_and_deep(logs / "2026-01-02" / run, epochs=12, rate=rate)
        train_embedding(logs / "words")
        write_by_hand(logs / "own")
        train_population(logs / "search")
        server = Server(logs)
        try:
            server.wait_for(8)
            for tab, address in TABS.items():
                browser.open(f"http://127.0.0.1:{server.port}/{address}")
                if tab == "graph-of-layers":
                    open_layers(browser)
                keep(folder / f"tensorboard-{tab}.png", settled(browser))
        finally:
            server.stop()
        page = write_report(logs)
        for width in (360, 1280):
            for look in ("light", "dark"):
                browser.open(page, width, dark=look == "dark")
                keep(folder / f"report-{width}-{look}.png", browser.screenshot(whole=True))


def open_layers(browser):
    """Chooses the second tag of the run, which is the one of the layers, and opens the model."""
    settled(browser)
    browser.evaluate(f"{FIND} find(document, 'tf-graph-controls').set('_selectedTagIndex', 1)")
    settled(browser)
    box = f"(() => {{ {FIND} return find(document, 'g.node').getBoundingClientRect().toJSON() }})()"
    place = browser.evaluate(box)
    where = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2, "button": "left"}
    for count in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            browser.call("Input.dispatchMouseEvent", type=kind, clickCount=count, **where)


def settled(browser):
    """A picture of the page when it has stopped changing."""
    seen = []
    for _ in range(30):
        time.sleep(1)
        seen.append(browser.screenshot())
        if len(seen) > SETTLED and len(set(seen[-SETTLED:])) == 1:
            break
    return seen[-1]


def write_report(folder):
    """A report on the digits; returns its address."""
    lamina.utils.set_random_seed(42)
    problem = RECIPES["digits"].load()
    layers = [lamina.Input((8, 8)), lamina.layers.Flatten(), lamina.layers.Dense(30, "relu")]
    model = lamina.Sequential([*layers, lamina.layers.Dense(10, "softmax", name="digit")], name="digits")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(*problem.train, epochs=15, validation_data=problem.validation, verbose=0)
    path = lamina.report(model, history, problem.test, folder / "report.html", class_names=problem.class_names)
    return Path(path).as_uri()


def keep(path, picture):
    path.write_bytes(picture)
    print(path)


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("No screenshots: Chromium is not installed (Debian and Ubuntu: apt install chromium).")
    main(Path(sys.argv[1]))
