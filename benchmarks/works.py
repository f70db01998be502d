"""The works that every framework is given: shapes, losses and synthetic data, in the sizes of the course."""

from dataclasses import dataclass, replace

import numpy as np

WORDS_PER_REVIEW = 200


@dataclass(frozen=True)
class Work:
    """A multilayer perceptron, and the data it is trained on.

    Args:
        name: what `--work` calls it.
        title: how the report calls it.
        rows: examples in an epoch.
        features: width of the input.
        units: width of each layer; all but the last have a ReLU.
        output: activation of the last layer: `"softmax"`, `"sigmoid"` or `"linear"`.
        loss: name of the loss in Keras.
        optimizer: name of the optimizer in Keras; its defaults are used.
        batch_size: rows in a step.
        epochs: epochs of one timed `fit`, at least two; enough to make it about a second long.
        metrics: names of the metrics in Keras.
        multi_hot: whether the input is a bag of words; otherwise it is dense.
    """

    name: str
    title: str
    rows: int
    features: int
    units: tuple[int, ...]
    output: str
    loss: str
    optimizer: str
    batch_size: int
    epochs: int
    metrics: tuple[str, ...] = ()
    multi_hot: bool = False

    @property
    def steps(self) -> int:
        """Steps in an epoch; the last may be a smaller batch."""
        return -(-self.rows // self.batch_size)

    @property
    def kernels(self) -> list[tuple[int, int]]:
        """Shape of each layer's kernel, `(inputs, units)`."""
        return list(zip((self.features, *self.units[:-1]), self.units, strict=True))

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The same examples in every process: x `float32[rows, features]`, y `[rows]` from a random linear teacher."""
        rng = np.random.default_rng(42)
        if self.multi_hot:
            x = np.zeros((self.rows, self.features), np.float32)
            words = rng.integers(0, self.features, size=(self.rows, WORDS_PER_REVIEW))
            np.put_along_axis(x, words, np.float32(1), axis=1)
        else:
            x = rng.random((self.rows, self.features), dtype=np.float32)
        scores = x @ rng.standard_normal((self.features, self.units[-1]), dtype=np.float32)
        if self.output == "softmax":
            return x, scores.argmax(axis=1)
        if self.output == "sigmoid":
            return x, (scores[:, 0] > 0).astype(np.float32)
        return x, scores[:, 0]

    def shortened(self) -> "Work":
        """The same step, a quarter as often: for a quick look."""
        return replace(self, rows=self.rows // 4, epochs=max(2, self.epochs // 4))


FASHION = Work(
    name="fashion",
    title="Fashion-MNIST MLP 784-300-100-10, batch 32, SGD, accuracy",
    rows=60_000,
    features=784,
    units=(300, 100, 10),
    output="softmax",
    loss="sparse_categorical_crossentropy",
    optimizer="sgd",
    batch_size=32,
    epochs=3,
    metrics=("accuracy",),
)
HOUSING = Work(
    name="housing",
    title="California housing MLP 8-30-30-1, batch 32, SGD",
    rows=11_610,
    features=8,
    units=(30, 30, 1),
    output="linear",
    loss="mean_squared_error",
    optimizer="sgd",
    batch_size=32,
    epochs=20,
)
IMDB = Work(
    name="imdb",
    title="IMDB-shaped MLP 10000-16-16-1, batch 512, RMSprop, accuracy",
    rows=15_000,
    features=10_000,
    units=(16, 16, 1),
    output="sigmoid",
    loss="binary_crossentropy",
    optimizer="rmsprop",
    batch_size=512,
    epochs=6,
    metrics=("accuracy",),
    multi_hot=True,
)
WORKS = {work.name: work for work in (FASHION, HOUSING, IMDB)}
