"""What a loss makes of an output."""

from typing import Any

import jax
import numpy as np

from lamina import losses


class LossHead:
    """An output of a model, and what its loss takes it for.

    Args:
        width: of its last axis.
        loss: as it was given to `compile`, for this output.

    Attributes:
        width: as given.
        loss: the name of the loss's function.
        is_own: whether it is one of lamina's.
        from_logits: whether a softmax or a sigmoid is left to the loss.

    Example:
        >>> head = LossHead(3, losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> head.loss, head.from_logits
        ('sparse_categorical_crossentropy', True)
    """

    def __init__(self, width: int | None, loss: Any) -> None:
        found = losses.get(loss) if isinstance(loss, str) else loss
        fn = getattr(found, "fn", found)
        self.width = width
        self.loss = getattr(fn, "__name__", "")
        self.is_own = getattr(fn, "__module__", "").startswith("lamina.")
        self.from_logits = bool((getattr(found, "fn_kwargs", None) or {}).get("from_logits"))

    @property
    def is_classification(self) -> bool:
        """Whether outputs are probabilities, or logits."""
        return "crossentropy" in self.loss

    def probabilities(self, output: np.ndarray, exclusive: bool) -> np.ndarray:
        """Outputs, with what `from_logits` leaves out.

        Args:
            output: `(rows, width)`.
            exclusive: whether each example has one class of all.
        """
        if not self.from_logits:
            return output
        if exclusive and output.shape[-1] > 1:
            return np.asarray(jax.nn.softmax(output))
        return np.asarray(jax.nn.sigmoid(output))
