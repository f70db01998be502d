"""How what is given per output (losses, metrics, targets, weights) is matched to a model's outputs."""

from collections.abc import Sequence
from typing import Any

from lamina.core.errors import ArgumentError, DataError, LaminaError, suggestion


class Outputs:
    """The outputs of a model, flat and named.

    Args:
        structure: what the model returns, with anything at the leaves.
        names: in order; made up when left out, for messages and for what is given by name.

    Attributes:
        named: whether the names are the model's own, so that logs use them.

    Example:
        >>> outputs = Outputs(("a", "b"), ["main", "aux"])
        >>> outputs.match({"aux": 2, "main": 1}, "loss_weights")
        [1, 2]
    """

    def __init__(self, structure: Any, names: Sequence[str] | None = None) -> None:
        self.named = bool(names) or isinstance(structure, dict)
        if isinstance(structure, dict):
            self.names = list(names) if names and set(names) == set(structure) else sorted(structure)
            self.leaves = [structure[name] for name in self.names]
        elif isinstance(structure, list | tuple):
            self.leaves = list(structure)
            self.names = list(names) if names else [f"output_{index + 1}" for index in range(len(self.leaves))]
        else:
            self.leaves = [structure]
            self.names = list(names) if names else ["output"]

    def __len__(self) -> int:
        return len(self.leaves)

    @property
    def single(self) -> bool:
        """Whether there is one output only, which logs do not name."""
        return len(self.leaves) == 1

    def flatten(self, structure: Any) -> list[Any]:
        """The values for the outputs of one call, in order."""
        if isinstance(structure, dict):
            return [structure[name] for name in self.names]
        return list(structure) if isinstance(structure, list | tuple) else [structure]

    def match(self, given: Any, what: str, *, error: type[LaminaError] = ArgumentError) -> list[Any]:
        """One of what is given for each output.

        Args:
            given: `None`, a dict by name, or a list with one item per output; a single thing for a
                single output.
            what: the argument, for messages.
            error: the class to raise.

        Returns:
            A list with one item per output, `None` for outputs that are not named.
        """
        if given is None:
            return [None] * len(self)
        if isinstance(given, dict):
            for name in given:
                if name not in self.names:
                    raise error(
                        f"{what} names the output {name!r}, but the model's outputs are "
                        f"{', '.join(map(repr, self.names))}.",
                        hint=suggestion(name, self.names),
                    )
            return [given.get(name) for name in self.names]
        if isinstance(given, list | tuple):
            if len(given) != len(self):
                outputs = "1 output" if self.single else f"{len(self)} outputs"
                items = "1 item" if len(given) == 1 else f"{len(given)} items"
                raise error(f"{what} has {items}, but the model has {outputs}.")
            return list(given)
        if self.single:
            return [given]
        raise error(
            f"{what} is one thing, but the model has the outputs {', '.join(map(repr, self.names))}.",
            hint=f"give {what} as a list, or as a dict by output name.",
        )


def match_targets(outputs: Outputs, y: Any, what: str = "y") -> list[Any]:
    """The target arrays for the outputs."""
    return outputs.match(y, what, error=DataError)
