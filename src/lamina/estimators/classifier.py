"""KerasClassifier."""

from lamina.estimators.classification import NetworkClassifier
from lamina.estimators.keras_estimator import KerasEstimator


class KerasClassifier(NetworkClassifier, KerasEstimator):
    """A classifier of scikit-learn's that holds a model of yours.

    Labels may be anything, and are numbered as the model's loss reads them. `y` of several columns is read as several
    labels at a time if it holds 0 and 1, else as a question for each output of the model.

    Args:
        model: a function that returns a compiled model, a class of models, or a compiled model; `fit` takes a copy
            of the last with new weights. The function may have an argument `meta`: a dict that tells of the data,
            such as `meta["n_features_in_"]` and `meta["n_classes_"]`.
        build_fn: the name of `model` in older code.
        random_state: seeds weights, dropout and shuffling; the same number gives the same model.
        warm_start: whether `fit` goes on training.
        **parameters: arguments of the function; arguments of `fit`, such as `epochs`, `callbacks` and
            `class_weight`, by label or `"balanced"`; and `loss`, `optimizer` and others of `compile`, for models that
            are not compiled.

    Raises:
        ArgumentError: for a parameter that there is not.

    Example:
        >>> import lamina
        >>> import numpy as np
        >>> def build(units=8):
        ...     model = lamina.Sequential([lamina.layers.Dense(units, "relu"), lamina.layers.Dense(1, "sigmoid")])
        ...     model.compile(loss="binary_crossentropy", optimizer=lamina.optimizers.Adam(0.1))
        ...     return model
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> labels = np.where(x[:, 0] > 0.2, "high", "low")
        >>> classifier = KerasClassifier(build, units=4, epochs=40, verbose=0, random_state=0).fit(x, labels)
        >>> classifier.predict([[-0.9], [0.9]])
        array(['low', 'high'], dtype='<U4')
    """
