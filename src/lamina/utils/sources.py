"""Where a tensor of a graph comes from."""

from typing import Any

from lamina.core.symbolic import symbolic_leaves


def get_source_inputs(tensor: Any) -> list[Any]:
    """The input tensors that a symbolic tensor is computed from.

    Args:
        tensor: what `Input`, a layer or an operation returned; or a structure of such.

    Returns:
        The tensors that nothing before them computes, in the order in which they are found.

    Example:
        >>> from lamina.layers import Dense, Input
        >>> x = Input((3,))
        >>> get_source_inputs(Dense(2)(x)) == [x]
        True
    """
    found: dict[int, Any] = {}
    seen: set[int] = set()
    waiting = symbolic_leaves(tensor)
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        inputs = [] if current.node is None else current.node.inputs
        if inputs:
            waiting = [*inputs, *waiting]
        else:
            found[id(current)] = current
    return list(found.values())
