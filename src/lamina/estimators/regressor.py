"""KerasRegressor."""

from lamina.estimators.keras_estimator import KerasEstimator
from lamina.estimators.regression import NetworkRegressor


class KerasRegressor(NetworkRegressor, KerasEstimator):
    """A regressor of scikit-learn's that holds a model of yours.

    Its score is the coefficient of determination, as everywhere in scikit-learn.

    Args:
        model: a function that returns a compiled model, a class of models, or a compiled model; `fit` takes a copy
            of the last with new weights. The function may have an argument `meta`: a dict that tells of the data,
            such as `meta["n_features_in_"]`.
        build_fn: the name of `model` in older code.
        random_state: seeds weights, dropout and shuffling; the same number gives the same model.
        warm_start: whether `fit` goes on training.
        **parameters: arguments of the function; arguments of `fit`, such as `epochs` and `callbacks`; and `loss`,
            `optimizer` and others of `compile`, for models that are not compiled.

    Raises:
        ArgumentError: for a parameter that there is not.

    Example:
        >>> import lamina
        >>> import numpy as np
        >>> def build(rate=0.1):
        ...     model = lamina.Sequential([lamina.layers.Dense(1)])
        ...     model.compile(loss="mse", optimizer=lamina.optimizers.SGD(rate))
        ...     return model
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> regressor = KerasRegressor(build, epochs=50, verbose=0, random_state=0).fit(x, 3 * x[:, 0] + 1)
        >>> regressor.predict([[0.5]]).round(2)
        array([2.5])
    """
