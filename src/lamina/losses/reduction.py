"""What becomes of the losses of a batch's examples, under the names of Keras 2."""


class Reduction:
    """Names for the argument `reduction` of losses, whose values can be written as well.

    Example:
        >>> from lamina.losses import MeanSquaredError
        >>> float(MeanSquaredError(reduction=Reduction.SUM)([[1.0], [2.0]], [[0.0], [0.0]]))
        5.0
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"
