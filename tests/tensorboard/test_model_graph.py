import json

import numpy as np
import pytest

import lamina
from lamina.tensorboard import conceptual_graph

keras_util = pytest.importorskip("tensorboard.plugins.graph.keras_util")


def drawn(model):
    """The graph as the plugin draws it: what goes into each node."""
    graph = keras_util.keras_model_to_graph_def(json.loads(conceptual_graph(model)))
    return {node.name: list(node.input) for node in graph.node}


def test_a_shared_layer_has_an_edge_for_each_call():
    left, right = lamina.Input((3,), name="left"), lamina.Input((3,), name="right")
    shared = lamina.layers.Dense(2, name="shared")
    model = lamina.Model([left, right], lamina.layers.add([shared(left), shared(right)], name="sum"), name="m")
    assert drawn(model)["m/shared"] == ["m/left", "m/right"]
    assert drawn(model)["m/sum"] == ["m/shared", "m/shared"]


def test_models_inside_are_connected():
    one, two = lamina.Input((3,), name="one"), lamina.Input((3,), name="two")
    inner = lamina.Model([one, two], lamina.layers.concatenate([one, two], name="joined"), name="inner")
    chain = lamina.Sequential([lamina.Input((6,), name="rows"), lamina.layers.Dense(2, name="first")], name="chain")
    x, y = lamina.Input((3,), name="x"), lamina.Input((3,), name="y")
    model = lamina.Model([x, y], lamina.layers.Dense(1, name="last")(chain(inner([x, y]))), name="outer")
    assert drawn(model) == {
        **{"outer/x": [], "outer/y": [], "outer/inner/one": ["outer/x"], "outer/inner/two": ["outer/y"]},
        **{"outer/inner/joined": ["outer/inner/one", "outer/inner/two"]},
        **{"outer/chain/rows": ["outer/inner"], "outer/chain/first": ["outer/chain/rows"]},
        **{"outer/last": ["outer/chain/first"]},
    }


def test_functions_and_settings_that_are_no_json_are_drawn():
    x = lamina.Input((3,), name="x")
    y = lamina.layers.Lambda(lambda v: v, name="odd")(x) * 2.0
    model = lamina.Model(x, lamina.layers.Dense(1, name="y", kernel_initializer=lambda s, dtype=None: np.ones(s))(y))
    assert len(drawn(model)) == 4


def test_a_model_of_another_kind_has_no_graph():
    class Own(lamina.Model):
        def call(self, inputs):
            return inputs

    assert conceptual_graph(Own()) is None
