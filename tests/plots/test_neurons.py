import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, ArgumentTypeError, NotBuiltError
from lamina.plots import neurons


def small(**options):
    hidden = lamina.layers.Dense(3, "relu", name="hidden", **options)
    layers = [lamina.layers.Flatten(), hidden, lamina.layers.Dropout(0.5)]
    return lamina.Sequential([lamina.Input((2, 1)), *layers, lamina.layers.Dense(1, name="price")])


def texts(ax, kind):
    return [text.get_text() for text in ax.texts if text.get_gid() == kind]


def lines(ax):
    """The weights of each layer: from (start, end) to (width, dashed)."""
    from matplotlib.collections import LineCollection

    found = []
    for part in ax.collections:
        if isinstance(part, LineCollection):
            dashed = [pattern[1] is not None for pattern in part.get_linestyles()]
            ends = [tuple(map(tuple, segment)) for segment in part.get_segments()]
            found.append(dict(zip(ends, zip(part.get_linewidths(), dashed, strict=True), strict=True)))
    return found


def test_nodes_lines_and_biases(ax):
    model = small()
    model.get_layer("hidden").kernel.assign([[1.0, -0.5, 0.25], [0.0, 2.0, -2.0]])
    model.get_layer("hidden").bias.assign([-1.0, 0.0, 1.0])
    assert neurons(model, ax=ax) is ax
    assert texts(ax, "title") == ["inputs\n2 units", "hidden\n3 units\nrelu", "price\n1 unit"]
    assert texts(ax, "bias") == ["1", "1"]
    first, second = lines(ax)
    assert (len(first), len(second)) == (2 * 3 + 3, 3 * 1 + 1)
    upper, lower, one = (0, 0.5), (0, -0.5), (0, -2)
    assert first[upper, (1, 1)] == (2, False)
    assert first[upper, (1, 0)] == (1, True)
    assert first[lower, (1, -1)] == (4, True)
    assert first[one, (1, 1)] == (2, True)
    assert first[one, (1, -1)] == (2, False)
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["positive", "negative"]
    assert legend.get_lines()[0].get_linestyle() != legend.get_lines()[1].get_linestyle()


def test_without_biases_there_are_no_squares(ax):
    model = small(use_bias=False)
    neurons(model, ax=ax, input_names=["age", "size"], output_names=["price"])
    assert texts(ax, "bias") == ["1"]
    assert texts(ax, "name") == ["age", "size", "price"]


def test_wide_layers_are_cut_short_with_dots(ax):
    model = lamina.Sequential([lamina.Input((300,)), lamina.layers.Dense(10), lamina.layers.Dense(11)])
    neurons(model, ax=ax, most=10, input_names=[str(unit) for unit in range(300)])
    assert texts(ax, "dots") == ["⋮", "⋮"]
    assert texts(ax, "name") == [*map(str, range(6)), "297", "298", "299"]
    assert [title.split("\n")[1] for title in texts(ax, "title")] == ["300 units", "10 units", "11 units"]
    assert [len(part) for part in lines(ax)] == [9 * 10 + 10, 10 * 9 + 9]


def test_functional_models_and_activations_that_are_layers(ax):
    inputs = lamina.Input((2,))
    outputs = lamina.layers.Activation("softmax")(lamina.layers.Dense(2, name="out")(inputs))
    neurons(lamina.Model(inputs, outputs), ax=ax)
    assert texts(ax, "title")[1] == "out\n2 units\nsoftmax"


def wide_and_deep():
    inputs = lamina.Input((2,))
    hidden = lamina.layers.Dense(3)(inputs)
    return lamina.Model(inputs, lamina.layers.Dense(1)(lamina.layers.concatenate([inputs, hidden])), name="wide")


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (wide_and_deep(), {}, ArgumentError, r"chains of layers, but 'wide' is none[^$]*plot_model"),
        (
            lamina.Sequential([lamina.Input((2,)), lamina.layers.BatchNormalization(name="norm")]),
            *({}, ArgumentError, r"Dense layers, but 'norm' is a BatchNormalization[^$]*plot_model"),
        ),
        (lamina.Sequential([lamina.Input((2,)), lamina.layers.ReLU(name="bare")]), {}, ArgumentError, "' has none"),
        (lamina.Sequential([lamina.layers.Dense(1)]), {}, NotBuiltError, "is not built yet"),
        ("model", {}, ArgumentTypeError, "Received: a str"),
        (small(), {"input_names": ["age"]}, ArgumentError, "1 input_names, but 2 units"),
        (small(), {"output_names": ["a", "b"]}, ArgumentError, "2 output_names, but 1 units"),
        (small(), {"most": 2}, ArgumentError, "most must be an integer, 3 or above"),
        (
            lamina.Sequential([lamina.Input((4,)), lamina.layers.Dense(4), lamina.layers.Reshape((2, 2)),
                               lamina.layers.Dense(1, name="last")]),
            *({}, ArgumentError, "'last' takes 2 numbers, but the layer before it has 4 units"),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn(ax, model, options, error, message):
    with pytest.raises(error, match=message):
        neurons(model, ax=ax, **options)


def test_weights_that_are_nan(ax):
    model = small()
    model.get_layer("price").kernel.assign(np.full((3, 1), np.nan))
    with pytest.raises(ArgumentError, match="the kernel of 'price' holds 3 values that are NaN"):
        neurons(model, ax=ax)
