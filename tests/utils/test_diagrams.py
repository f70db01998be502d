import io
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, ArgumentTypeError, MissingExtraError, MissingFolderError, NotBuiltError
from lamina.utils import model_to_dot, plot_model

layers = lamina.layers


def wide_and_deep():
    wide, deep = lamina.Input((8,), name="wide"), lamina.Input((6,), name="deep")
    hidden = layers.Dense(30, activation="relu", name="hidden")(deep)
    joined = layers.concatenate([wide, hidden], name="joined")
    return lamina.Model([wide, deep], layers.Dense(1, name="main")(joined), name="wide_and_deep")


def nested():
    stack = [lamina.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="second")]
    inner = lamina.Sequential(stack, name="inner")
    x = lamina.Input((4,), name="x")
    return lamina.Model(x, layers.Dense(1, name="last")(inner(x)), name="outer")


def texts(path):
    return [element.text for element in ElementTree.parse(path).iter() if element.tag.endswith("}text")]


def test_a_png_has_the_resolution_that_is_asked_for(tmp_path):
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    assert plot_model(wide_and_deep(), tmp_path / "a.png", show_shapes=True, dpi=72) is None
    plot_model(wide_and_deep(), str(tmp_path / "b.png"), show_shapes=True, dpi=144)
    with image.open(tmp_path / "a.png") as small, image.open(tmp_path / "b.png") as large:
        assert small.format == "PNG"
        assert np.allclose(np.multiply(small.size, 2), large.size, atol=2)
        assert len(np.unique(np.asarray(small.convert("L")))) > 10


def test_without_an_ending_it_is_a_png(tmp_path):
    pytest.importorskip("matplotlib")
    plot_model(wide_and_deep(), tmp_path / "model", dpi=40)
    assert (tmp_path / "model").read_bytes().startswith(b"\x89PNG")


def test_pdf_and_dot(tmp_path):
    pytest.importorskip("matplotlib")
    plot_model(wide_and_deep(), tmp_path / "model.PDF")
    assert (tmp_path / "model.PDF").read_bytes().startswith(b"%PDF")
    plot_model(wide_and_deep(), tmp_path / "model.dot")
    assert (tmp_path / "model.dot").read_text().startswith('digraph "wide_and_deep" {')


def test_svg_needs_no_other_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    everything = dict.fromkeys(
        ("show_shapes", "show_dtype", "show_layer_names", "show_layer_activations", "show_trainable"), True
    )
    plot_model(wide_and_deep(), tmp_path / "model.svg", **everything)
    found = texts(tmp_path / "model.svg")
    assert {"wide", "deep", "hidden", "joined", "main", " (Concatenate)", "relu", "float32", "Trainable"} <= set(found)
    assert "[(None, 8), (None, 30)]" in found
    with pytest.raises(MissingExtraError, match="Drawing a model as PNG needs the package 'matplotlib'") as error:
        plot_model(wide_and_deep(), tmp_path / "model.png")
    assert error.value.hint == 'install it with: pip install "lamina[plots]"'
    assert not (tmp_path / "model.png").exists()


def test_by_default_classes_are_shown(tmp_path):
    plot_model(wide_and_deep(), tmp_path / "model.svg")
    assert sorted(texts(tmp_path / "model.svg")) == ["Concatenate", "Dense", "Dense", "InputLayer", "InputLayer"]


@pytest.mark.parametrize("rankdir", ["TB", "LR", "BT", "RL"])
def test_data_flow_where_they_are_told_to(tmp_path, rankdir):
    path = tmp_path / "model.svg"
    plot_model(nested(), path, show_layer_names=True, expand_nested=True, rankdir=rankdir)
    places = {
        element.text: (float(element.get("x")), float(element.get("y")))
        for element in ElementTree.parse(path).iter()
        if element.tag.endswith("}text")
    }
    assert "inner" in places
    axis = 0 if rankdir in ("LR", "RL") else 1
    way = [places[name][axis] for name in ("x", "first", "second", "last")]
    assert way == sorted(way, reverse=rankdir in ("BT", "RL"))


def test_models_inside_are_closed_unless_asked_for(tmp_path):
    plot_model(nested(), tmp_path / "model.svg", show_layer_names=True)
    assert sorted(texts(tmp_path / "model.svg")) == sorted(
        ["x", "inner", "last", " (InputLayer)", " (Sequential)", " (Dense)"]
    )


def test_a_hundred_layers_are_one_below_the_other(tmp_path):
    model = lamina.Sequential([lamina.Input((2,)), *(layers.Dense(2, name=f"d{number}") for number in range(100))])
    plot_model(model, tmp_path / "model.svg", show_layer_names=True, show_shapes=True)
    heights = [
        float(element.get("y"))
        for element in ElementTree.parse(tmp_path / "model.svg").iter()
        if element.tag.endswith("}text") and (element.text or "").startswith("d") and element.text != "dtype"
    ]
    assert len(heights) == 100
    assert heights == sorted(set(heights))


def test_a_picture_that_is_too_large_has_fewer_dots():
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    from lamina.models.diagram_drawing import Picture

    file = io.BytesIO()
    Picture(20.0, 72_000.0, "high").save(file, "png", 200)
    with image.open(file) as picture:
        assert picture.size[1] == 60_000


# -- DOT -----------------------------------------------------------------------------------------------------------


def test_dot_tells_boxes_and_edges():
    dot = model_to_dot(wide_and_deep(), show_shapes=True, rankdir="LR", dpi=96)
    text = dot.to_string()
    assert text == dot.source == str(dot) + "\n"
    assert 'graph [rankdir="LR", dpi="96", splines="ortho"];' in text
    assert "<b>hidden</b> (Dense)" in text
    assert "Input shape: <b>[(None, 8), (None, 30)]</b>" in text
    assert text.count(" -> ") == 4


def test_dot_leads_into_models_that_are_opened():
    text = model_to_dot(nested(), expand_nested=True).to_string()
    assert 'subgraph "cluster_1/inner" {' in text
    assert all(edge in text for edge in ('"0" -> "1/0";', '"1/0" -> "1/1";', '"1/1" -> "2";'))
    assert text.count(" -> ") == 3


def test_a_cluster_stands_in_another_graph():
    assert model_to_dot(nested(), subgraph=True).to_string().startswith('subgraph "cluster_outer" {')


def test_odd_names_are_quoted():
    model = lamina.Sequential([lamina.Input((3,)), layers.Dense(2, name="a<b>&c")], name='say "hi"')
    text = model_to_dot(model).to_string()
    assert "<b>a&lt;b&gt;&amp;c</b>" in text
    assert 'digraph "say \\"hi\\"" {' in text


# -- notebooks -----------------------------------------------------------------------------------------------------


def test_models_show_themselves_in_notebooks():
    html = wide_and_deep()._repr_html_()
    assert "<svg" in html
    assert "[(None, 8), (None, 30)]" in html
    assert lamina.Sequential([layers.Dense(2)])._repr_html_() is None


# -- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [plot_model, model_to_dot])
def test_a_model_that_is_not_built_has_no_diagram(draw):
    with pytest.raises(NotBuiltError, match="Sequential 'raw' is not built yet, so it has no diagram") as error:
        draw(lamina.Sequential([layers.Dense(2)], name="raw"))
    assert "put lamina.Input(shape=...) first" in error.value.hint


@pytest.mark.parametrize("draw", [plot_model, model_to_dot])
def test_what_is_no_model_has_no_diagram(draw):
    with pytest.raises(ArgumentTypeError, match="Received: a str"):
        draw("model")


def test_unknown_kinds_of_files_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"plot_model cannot draw files that end in '.pgn'") as error:
        plot_model(wide_and_deep(), tmp_path / "model.pgn")
    assert error.value.hint == "did you mean png or jpg?"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rankdir": "lr"}, "rankdir must be one of 'TB', 'LR', 'BT', 'RL'. Received: rankdir='lr'"),
        ({"dpi": 0}, "dpi must be a finite number above 0"),
        ({"splines": "straight"}, "splines must be one of"),
        ({"layer_range": ["a", "b"]}, "layer_range is no longer supported"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        plot_model(wide_and_deep(), tmp_path / "model.svg", **arguments)


def test_misspelt_arguments_get_suggestions():
    with pytest.raises(TypeError, match="did you mean show_shapes"):
        plot_model(wide_and_deep(), show_shape=True)


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(MissingFolderError, match="there is no folder"):
        plot_model(wide_and_deep(), tmp_path / "none" / "model.svg")


def test_names_in_other_scripts_are_drawn(tmp_path):
    fonts = pytest.importorskip("lamina.plots.fonts")
    if fonts.font_with("은") is None:
        pytest.skip("no installed font has Hangul")
    model = lamina.Sequential([lamina.Input((3,)), layers.Dense(2, name="은닉층")])
    plot_model(model, tmp_path / "model.png", show_layer_names=True)  # warnings of missing signs are errors
    assert (tmp_path / "model.png").stat().st_size > 1000
