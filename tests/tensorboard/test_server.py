"""What the real TensorBoard server tells of lamina's logs over HTTP."""

import io
import re
from importlib.util import find_spec

import numpy as np
import pytest

from tests.tensorboard.runs import (
    LABELS,
    damage_a_run,
    train_embedding,
    train_population,
    train_wide_and_deep,
    write_by_hand,
)
from tests.tensorboard.server import Server

pytest.importorskip("tensorboard")
Image = pytest.importorskip("PIL.Image")


class Logs:
    """What was logged, and the server that shows it."""

    def __init__(self, folder):
        self.history = train_wide_and_deep(folder / "2026-01-02" / "wide_and_deep").history
        self.vectors = train_embedding(folder / "words")
        write_by_hand(folder / "own")
        self.population = train_population(folder / "search")
        damage_a_run(folder / "damaged")
        self.server = Server(folder)
        self.folder = folder


TRAIN, VALIDATION = "2026-01-02/wide_and_deep/train", "2026-01-02/wide_and_deep/validation"
SEARCH = {"search", *(f"search/quantiles/q{share}" for share in ("05", "25", "50", "75", "95"))}
RUNS = {TRAIN, VALIDATION, "words/train", "own", "damaged", "search/trial_0", "search/trial_1", *SEARCH}


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    found = Logs(tmp_path_factory.mktemp("logs"))
    try:
        found.server.wait_for(len(RUNS))
        yield found
    finally:
        found.server.stop()


@pytest.fixture(scope="module")
def server(logs):
    return logs.server


def test_runs_lie_in_train_and_validation(server):
    assert set(server.json("data/runs")) == RUNS


def test_tags_of_scalars_are_those_of_keras(logs, server):
    tags = server.json("data/plugin/scalars/tags")
    names = [name for name in logs.history if not name.startswith("val_")]
    wanted = {f"epoch_{name}" for name in (*names, "learning_rate", "steps_per_second")}
    assert set(tags[TRAIN]) == wanted | {f"batch_{name}" for name in (*names, "steps_per_second")}
    wanted = {f"epoch_{name}" for name in names} | {f"evaluation_{name}_vs_iterations" for name in names}
    assert set(tags[VALIDATION]) == wanted


@pytest.mark.parametrize(("run", "prefix"), [(TRAIN, ""), (VALIDATION, "val_")])
def test_scalars_of_epochs_are_those_of_the_history(logs, server, run, prefix):
    points = server.json("data/plugin/scalars/scalars", run=run, tag="epoch_main_mae")
    assert [step for _, step, _ in points] == [0, 1, 2]
    assert [value for _, _, value in points] == pytest.approx(logs.history[f"{prefix}main_mae"], rel=1e-6)


def test_scalars_of_batches_come_every_so_many(server):
    points = server.json("data/plugin/scalars/scalars", run=TRAIN, tag="batch_loss")
    assert [step for _, step, _ in points] == [2, 4, 6, 8]  # 3 batches an epoch


def test_evaluations_stand_over_the_steps_of_training(logs, server):
    points = server.json("data/plugin/scalars/scalars", run=VALIDATION, tag="evaluation_loss_vs_iterations")
    assert [step for _, step, _ in points] == [3, 6, 9]
    assert [value for _, _, value in points] == pytest.approx(logs.history["val_loss"], rel=1e-6)


def test_weights_are_drawn_each_epoch(server):
    tags = server.json("data/plugin/histograms/tags")[TRAIN]
    layers = ("hidden1", "hidden2", "main", "aux")
    assert set(tags) == {f"{layer}/{kind}/histogram" for layer in layers for kind in ("kernel", "bias")}
    points = server.json("data/plugin/histograms/histograms", run=TRAIN, tag="hidden1/kernel/histogram")
    assert [step for _, step, _ in points] == [0, 1, 2]
    assert sum(count for _, _, count in points[0][2]) == 3 * 6


def picture(server, item):
    """An image that the images plugin lists."""
    return np.asarray(Image.open(io.BytesIO(server.get(f"data/plugin/images/individualImage?{item['query']}"))))


def test_weights_are_images(server):
    tags = server.json("data/plugin/images/tags")[TRAIN]
    assert {"hidden1/kernel/image", "hidden1/bias/image", "main/kernel/image"} <= set(tags)
    shown = server.json("data/plugin/images/images", run=TRAIN, tag="hidden1/kernel/image", sample=0)
    assert [item["step"] for item in shown] == [0, 1, 2]
    pixels = picture(server, shown[0])
    assert pixels.shape == (3, 6)
    assert (pixels.min(), pixels.max()) == (0, 255)


def graph_of(server, run, **query):
    """The names of the nodes, with the names of what goes into them."""
    text = server.get("data/plugin/graphs/graph", run=run, **query).decode()
    nodes = [block for block in re.split(r"^node \{", text, flags=re.M) if "name:" in block]
    return {re.search(r'name: "(.*?)"', node)[1]: re.findall(r'input: "(.*?)"', node) for node in nodes}


def test_the_graph_has_the_layers_and_their_connections(server):
    assert server.json("data/plugin/graphs/info")[TRAIN]["tags"]["keras"]["conceptual_graph"]
    nodes = graph_of(server, TRAIN, tag="keras", conceptual="true")
    assert {name.split("/")[1]: [source.split("/")[1] for source in sources] for name, sources in nodes.items()} == {
        **{"wide": [], "deep": [], "hidden1": ["deep"], "hidden2": ["hidden1"], "joined": ["wide", "hidden2"]},
        **{"main": ["joined"], "aux": ["hidden2"]},
    }


@pytest.mark.parametrize("run", [TRAIN, "own"], ids=["callback", "summary"])
def test_the_program_has_its_operations_and_their_connections(server, run):
    assert server.json("data/plugin/graphs/info")[run]["run_graph"]
    nodes = graph_of(server, run)
    ways = {name: set(sources) for name, sources in nodes.items()}
    for _ in nodes:  # what each depends on, at any distance
        ways = {name: found.union(*(ways.get(source, set()) for source in found)) for name, found in ways.items()}
    assert {"inputs/wide", "inputs/deep", "variables/main/kernel"} <= ways["outputs/0"]
    assert "inputs/wide" not in ways["outputs/1"]
    assert {"inputs/deep", "variables/hidden1/bias", "variables/aux/kernel"} <= ways["outputs/1"]
    assert any("dot_general" in name for name in nodes)


def test_a_sequential_model_is_a_chain(server):
    nodes = graph_of(server, "words/train", tag="keras", conceptual="true")
    assert nodes == {
        **{"reader/rows": [], "reader/words": ["reader/rows"], "reader/flat": ["reader/words"]},
        **{"reader/score": ["reader/flat"]},
    }


def test_the_profile_lies_where_its_tab_looks(logs):
    (file,) = (logs.folder / TRAIN).glob("plugins/profile/*/*.xplane.pb")
    assert b"XLA" in file.read_bytes() or b"jit_" in file.read_bytes()


@pytest.mark.skipif(find_spec("xprof") is None, reason="the profile tab (xprof) is not installed")
def test_the_profile_tab_lists_the_run(logs, server):
    (folder,) = (logs.folder / TRAIN).glob("plugins/profile/*")
    assert server.json("data/plugin/profile/runs") == [f"{TRAIN}/{folder.name}"]
    assert "overview_page" in " ".join(server.json("data/plugin/profile/run_tools", run=f"{TRAIN}/{folder.name}"))


def test_the_projector_shows_vectors_and_labels(logs, server):
    assert {"words/train", "own"} <= set(server.json("data/plugin/projector/runs"))
    (info,) = server.json("data/plugin/projector/info", run="words/train")["embeddings"]
    assert (info["tensorName"], info["tensorShape"]) == ("words/embeddings", [5, 3])
    asked = {"run": "words/train", "name": "words/embeddings"}
    vectors = np.frombuffer(server.get("data/plugin/projector/tensor", **asked), "float32").reshape(5, 3)
    np.testing.assert_allclose(vectors, logs.vectors, rtol=1e-6)
    assert server.get("data/plugin/projector/metadata", **asked).decode().split() == LABELS


def test_the_projector_shows_images(server):
    (info,) = server.json("data/plugin/projector/info", run="own")["embeddings"]
    assert info["sprite"]["singleImageDim"] == [2, 2]
    assert server.get("data/plugin/projector/sprite_image", run="own", name="digits").startswith(b"\x89PNG")


def test_summaries_of_ones_own(server):
    points = server.json("data/plugin/scalars/scalars", run="own", tag="by/hand")
    assert [(step, value) for _, step, value in points] == [(5, 0.5), (6, 0.25)]
    ((_, step, buckets),) = server.json("data/plugin/histograms/histograms", run="own", tag="numbers")
    assert (step, sum(count for _, _, count in buckets)) == (5, 4)
    (shown,) = server.json("data/plugin/images/images", run="own", tag="pictures", sample=1)
    assert picture(server, shown).shape == (4, 3)
    (note,) = server.json("data/plugin/text/text", run="own", tag="notes")
    assert "<strong>bold</strong>" in note["text"]


def session_groups(server, experiment):
    kinds = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    asked = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": kinds, "colParams": []}
    return server.post("data/plugin/hparams/session_groups", {"experimentName": experiment, **asked})["sessionGroups"]


def test_hyperparameters_make_a_table(server):
    table = {group["sessions"][0]["name"]: group["hparams"] for group in session_groups(server, "own")}
    assert table["own"] == {"units": 16, "rate": 0.5, "optimizer": "sgd", "nesterov": True}


def test_a_search_is_one_experiment_with_its_best_trials(logs, server):
    experiment = server.post("data/plugin/hparams/experiment", {"experimentName": "search"})
    varied = {info["name"]: info for info in experiment["hparamInfos"]}
    assert set(varied["rate"]["domainDiscrete"]) == {0.1, 0.01}
    assert set(varied["start"]["domainDiscrete"]) == {"None", "zeros"}
    assert [info["name"]["tag"] for info in experiment["metricInfos"]] == ["epoch_loss"]
    table = {group["sessions"][0]["name"]: group for group in session_groups(server, "search")}
    table = {name: group for name, group in table.items() if name.startswith("search")}
    losses = [history.history["loss"] for history in logs.population.histories]
    best = sorted(range(4), key=lambda number: min(losses[number]))[:2]
    assert set(table) == {f"search/trial_{number}" for number in best}
    for number in best:
        group = table[f"search/trial_{number}"]
        candidate = logs.population.candidates[number]
        assert group["hparams"] == {"units": 2, "rate": candidate["rate"], "start": str(candidate["start"])}
        (metric,) = group["metricValues"]
        assert metric["value"] == pytest.approx(losses[number][-1], rel=1e-6)
    points = server.json("data/plugin/scalars/scalars", run="search/quantiles/q50", tag="epoch_loss")
    assert [value for _, _, value in points] == pytest.approx(np.median(losses, axis=0), rel=1e-6)


def test_a_damaged_file_is_told_and_the_rest_is_shown(logs, server):
    points = server.json("data/plugin/scalars/scalars", run="damaged", tag="kept")
    assert [value for _, _, value in points] == [1.0]
    told = (logs.folder / "server.txt").read_text()
    assert re.search(r"lamina: '.*damaged/events.*' is damaged: there is no record at byte \d+", told)
    assert told.count("is damaged") == 1
