import pytest

import lamina
from lamina.core.errors import NotBuiltError
from lamina.tensorboard.program_graph import program_graph

graph_pb2 = pytest.importorskip("tensorboard.compat.proto.graph_pb2")


@pytest.mark.parametrize("activation", ["relu", "silu", "softplus", "gelu", "log_softmax", "mish"])
def test_every_node_is_fed_by_nodes_that_exist(activation):
    x = lamina.Input((3,), name="x")
    hidden = lamina.layers.LayerNormalization()(lamina.layers.Dense(4, activation, name="hidden")(x))
    model = lamina.Model(x, lamina.layers.Dense(1)(lamina.ops.where(hidden > 0, hidden, hidden * 2.0)))
    nodes = {node.name: list(node.input) for node in graph_pb2.GraphDef.FromString(program_graph(model)).node}
    assert all(source in nodes for sources in nodes.values() for source in sources)
    assert nodes["variables/hidden/kernel"] == []
    ways, waiting = set(), ["outputs/0"]
    while waiting:
        ways.add(waiting[-1])
        waiting += [source for source in nodes[waiting.pop()] if source not in ways]
    assert {"inputs/x", "variables/hidden/bias"} <= ways


def test_a_model_that_is_not_built_has_no_program():
    with pytest.raises(NotBuiltError, match="is not built yet"):
        program_graph(lamina.Sequential([lamina.layers.Dense(1)]))
