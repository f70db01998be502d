import sys
from types import SimpleNamespace

import pytest

from lamina import layers, models
from lamina.models.summary import format_bytes, print_summary


@pytest.fixture(autouse=True)
def window(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def classifier():
    return models.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(name="flatten"),
            layers.Dense(300, activation="relu", name="hidden1"),
            layers.Dense(100, activation="relu", name="hidden2"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name="classifier",
    )


def summary(model, **options):
    """The text; there must be one call of `print_fn`."""
    texts = []
    print_summary(model, print_fn=texts.append, **options)
    (text,) = texts
    return text


CLASSIFIER = """\
Model: "classifier"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ flatten (Flatten)               │ (None, 784)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ hidden1 (Dense)                 │ (None, 300)            │       235,500 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ hidden2 (Dense)                 │ (None, 100)            │        30,100 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ output (Dense)                  │ (None, 10)             │         1,010 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 266,610 (1.02 MB)
 Trainable params: 266,610 (1.02 MB)
 Non-trainable params: 0 (0.00 B)
"""

NARROW = """\
Model: "classifier"
┏━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━┓
┃               ┃ Output   ┃ Param ┃
┃ Layer (type)  ┃ Shape    ┃     # ┃
┡━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━┩
│ flatten       │ (None,   │     0 │
│ (Flatten)     │ 784)     │       │
"""

TRAINABLE = """\
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┓
┃ Layer (type)                ┃ Output Shape          ┃    Param # ┃ Trai… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━┩
│ flatten (Flatten)           │ (None, 784)           │          0 │   -   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ hidden1 (Dense)             │ (None, 300)           │    235,500 │   N   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ hidden2 (Dense)             │ (None, 100)           │     30,100 │   Y   │
"""


def test_the_table_of_keras(classifier):
    assert summary(classifier) == CLASSIFIER


def test_the_standard_output_gets_the_same_text(classifier, capsys):
    print_summary(classifier)
    assert capsys.readouterr().out == CLASSIFIER


def test_a_narrow_window_wraps_cells(classifier, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert summary(classifier).startswith(NARROW)


@pytest.mark.parametrize("columns", ["1", "20", "30"])
def test_the_narrowest_window_keeps_all_columns(classifier, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    text = summary(classifier, show_trainable=True)
    assert "┃" in text


def test_frozen_layers_and_their_weights_are_told_apart(classifier):
    classifier.layers[1].trainable = False
    text = summary(classifier, show_trainable=True)
    assert TRAINABLE in text
    assert " Trainable params: 31,110 (121.52 KB)\n Non-trainable params: 235,500 (919.92 KB)\n" in text


def test_layers_that_are_not_built_have_question_marks():
    text = summary(models.Sequential([layers.Flatten(name="flatten"), layers.Dense(3, name="output")]))
    assert "│ output (Dense)                  │ ?                      │   0 (unbuilt) │" in text
    assert " Total params: 0 (0.00 B)" in text


def test_a_model_without_layers_is_an_empty_table():
    lines = summary(models.Sequential(name="empty")).splitlines()
    assert lines[0] == 'Model: "empty"'
    assert lines[4].startswith("└──")


def test_the_weights_of_the_optimizer_count_once_there_are_any(classifier):
    classifier.compile("adam", "mse")
    classifier.optimizer.build(classifier.trainable_variables)
    text = summary(classifier)
    assert " Total params: 799,832 (3.05 MB)\n" in text
    assert " Optimizer params: 533,222 (2.03 MB)\n" in text


def test_nested_models_are_indented(classifier):
    outer = models.Sequential([layers.Input((28, 28)), classifier, layers.Dense(2, name="last")])
    assert "└ " not in summary(outer).replace("└──", "")
    assert "│    └ hidden1 (Dense)            │ (None, 300)            │       235,500 │" in summary(
        outer, expand_nested=True
    )


def test_length_and_positions_of_columns(classifier):
    text = summary(classifier, line_length=60, positions=[0.3, 0.6, 1.0])
    widths = [len(part) for part in text.splitlines()[1].strip("┏┓").split("┳")]
    assert len(text.splitlines()[1]) == 60
    assert widths[2] > widths[0]


@pytest.mark.parametrize(
    ("layer_range", "names"),
    [
        (["hidden1", "hidden2"], ["hidden1", "hidden2"]),
        (["output", "hidden2"], ["hidden2", "output"]),
        (["hidden.*", "hidden.*"], ["hidden1", "hidden2"]),
    ],
)
def test_a_range_of_layers(classifier, layer_range, names):
    text = summary(classifier, layer_range=layer_range)
    assert [name for name in ("flatten", "hidden1", "hidden2", "output") if f"│ {name} " in text] == names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer_range": ["hidden1"]}, "pair of layer names"),
        ({"layer_range": [0, 1]}, "pair of layer names"),
        ({"layer_range": ["hidden1", "nowhere"]}, "no layer of the model"),
        ({"line_length": 12}, "Insufficient console width"),
        ({"positions": [0.5, 1.0]}, "an edge for each of the columns"),
    ],
)
def test_options_that_make_no_sense(classifier, options, message):
    with pytest.raises(ValueError, match=message):
        summary(classifier, **options)


def graph(*levels):
    """Stands for a functional model: its calls, level by level from the inputs."""
    calls = [[tensor.node for tensor in level] for level in levels]
    return SimpleNamespace(name="graph", nodes_by_depth=calls, trainable_weights=[], non_trainable_weights=[])


def test_a_graph_with_branches_tells_what_each_layer_is_connected_to(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    inputs = layers.Input((4,), name="inputs")
    first, second = layers.Dense(4, name="first")(inputs), layers.Dense(4, name="second")(inputs)
    joined = first + second
    joined.node.operation.name = "add"
    text = summary(graph([inputs], [first, second], [joined]))
    assert "┃ Connected to " in text
    assert "│ inputs (InputLayer)           │ (None, 4)                 │               0 │ -  " in text
    assert "│              20 │ inputs[0][0]  " in text
    assert "│ add (Add)                     │ (None, 4)  " in text
    assert "│               0 │ first[0][0], second[0][0]  " in text


def test_a_layer_that_is_called_twice_is_connected_to_itself():
    source, shared = layers.Input((4,), name="source"), layers.Dense(4, name="shared")
    once = shared(source)
    twice = shared(once)
    text = summary(graph([source], [once], [twice]))
    assert "source[0][0]," in text
    assert "shared[0][0]" in text


def test_calls_outside_of_the_graph_are_not_connections(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    here, there = layers.Input((4,), name="here"), layers.Input((4,), name="there")
    shared = layers.Dense(4, name="shared")
    shared(there)
    inside = shared(here)
    text = summary(graph([here], [inside], [inside + here]))
    assert "here[0][0]" in text
    assert "shared[1][0], here" in text
    assert "there" not in text


def test_a_chain_needs_no_connections():
    inputs = layers.Input((4,))
    first = layers.Dense(4)(inputs)
    assert "Connected to" not in summary(graph([inputs], [first], [layers.Dense(4)(first)]))


def test_several_outputs_of_a_layer_have_their_shapes_listed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    class Halves(layers.Layer):
        def call(self, x):
            return {"left": x[:, :2], "right": (x[:, 2:], x)}

    inputs = layers.Input((4,))
    halves = Halves()
    halves(inputs)
    model = SimpleNamespace(name="halves", layers=[halves], trainable_weights=[], non_trainable_weights=[])
    text = summary(model, line_length=150)
    assert "{left: (None, 2), right: ((None, 2), (None, 4))}" in text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.00 B"), (1023, "1023.00 B"), (1024, "1.00 KB"), (2**50, "1.00 PB"), (2**60, "1024.00 PB")]
)
def test_memory_sizes(size, text):
    assert format_bytes(size) == text


def test_rich_is_imported_when_it_is_needed():
    assert "rich" not in vars(sys.modules["lamina.models.summary"])
