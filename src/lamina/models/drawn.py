"""The part of a model that has to do with the graph it is drawn as."""

from typing import Any

from lamina.core.errors import NotCalledError
from lamina.core.symbolic import Node
from lamina.models.graph import Graph, single


class Drawn:
    """Inputs, outputs and calls of a model that was made of symbolic tensors.

    Attributes:
        graph: the calls, `None` for a model of another kind.
    """

    graph: Graph | None
    name: str

    @property
    def nodes_by_depth(self) -> list[list[Node]]:
        """The calls of the graph, level by level from the inputs; none for a model of another kind."""
        return [] if self.graph is None else self.graph.levels

    @property
    def input(self) -> Any:
        """The symbolic inputs."""
        return self._known_graph("input").inputs

    @property
    def output(self) -> Any:
        """The symbolic outputs."""
        return self._known_graph("output").outputs

    @property
    def inputs(self) -> list[Any]:
        """The symbolic inputs, in a list."""
        return self._known_graph("inputs").input_tensors

    @property
    def outputs(self) -> list[Any]:
        """The symbolic outputs, in a list."""
        return self._known_graph("outputs").output_tensors

    @property
    def input_shape(self) -> Any:
        """The shapes of the inputs, the batch first; a list if there are several."""
        return single([tensor.shape for tensor in self.inputs])

    @property
    def output_shape(self) -> Any:
        """The shapes of the outputs, the batch first; a list if there are several."""
        return single([tensor.shape for tensor in self.outputs])

    @property
    def input_names(self) -> list[str] | None:
        """The names of the inputs."""
        return None if self.graph is None else self.graph.input_names

    @property
    def output_names(self) -> list[str] | None:
        """The names of the outputs: of the layers that they come from, or the keys of a dict."""
        return None if self.graph is None else self.graph.output_names

    def _known_graph(self, what: str) -> Graph:
        if self.graph is None:
            raise NotCalledError(
                f"{type(self).__name__} '{self.name}' was not made of symbolic tensors, so it has no {what}.",
                hint="make it with Model(inputs, outputs), or call it on lamina.Input(...).",
            )
        return self.graph
