"""Models of all kinds, made alike with lamina and with Keras, for the table of files that travel between the two."""

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

Make = Callable[[ModuleType], Any]
ARCHITECTURES: dict[str, Make] = {}
# Keras 3.15 writes no legacy `.h5` files for these, or does not load its own.
NOT_LEGACY = {
    *("own model", "own model with own weight", "own model of lists", "own train step", "own loss and metric"),
    *("optimizer Adafactor", "optimizer Lamb", "other normalizations", "operations"),
}
# Files hold no states of random generators: the noise of a loaded model begins anew.
NOISY = {
    *("dropout", "noise", "spatial dropout of steps", "spatial dropout of images", "spatial dropout of volumes"),
    *("stack without inputs", "nested graphs", "own layers", "own model", "own train step"),
    "own layer twice",
}
# One for each way of saving something, for the tests of every day.
FEW = (
    *("optimizer Adam", "optimizer cosine decay", "batch normalization", "normalization that was adapted"),
    *("wide and deep", "shared model", "nested graphs", "frozen layer", "operations", "own layers", "own model"),
    "own model with own weight",
)
TOLERANCE = {"half precision": 1e-2}  # XLA rounds to bfloat16 in other places in other programs; 1e-6 elsewhere
BY_NAME = {"outputs by name"}  # inputs and outputs are dicts


def architecture(name: str) -> Callable[[Make], Make]:
    """Enters what makes a compiled model into the table."""

    def enter(make: Make) -> Make:
        ARCHITECTURES[name] = make
        return make

    return enter


def stacked(
    k: ModuleType, shape: tuple[int | None, ...], *layers: Any, optimizer: Any = "sgd", dtype: Any = None
) -> Any:
    """Layers on top of each other, and whatever makes two numbers a row of what comes out."""
    model = k.Sequential([k.Input(shape, dtype=dtype), *layers])
    if len(model.output_shape) > 2:
        model.add(k.layers.Flatten())
    model.add(k.layers.Dense(2))
    model.compile(optimizer, "mse")
    return model


def entered(name: str, shape: tuple[int | None, ...], layers: Callable[[Any], list[Any]], dtype: Any = None) -> None:
    """Enters a stack of layers; `layers` makes them of `keras.layers`."""
    ARCHITECTURES[name] = lambda k: stacked(k, shape, *layers(k.layers), dtype=dtype)


# -- optimizers --------------------------------------------------------------------------------------------------------

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda o: o.SGD(0.01),
    "SGD with momentum": lambda o: o.SGD(0.01, momentum=0.9, nesterov=True, weight_decay=0.01),
    "RMSprop": lambda o: o.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True),
    "Adam": lambda o: o.Adam(0.01, beta_1=0.8, amsgrad=True, clipnorm=0.5),
    "AdamW": lambda o: o.AdamW(0.01, weight_decay=0.1, clipvalue=0.3),
    "Adamax": lambda o: o.Adamax(0.01),
    "Nadam": lambda o: o.Nadam(0.01, global_clipnorm=0.5),
    "Adagrad": lambda o: o.Adagrad(0.1),
    "Adadelta": lambda o: o.Adadelta(0.5),
    "Adafactor": lambda o: o.Adafactor(0.01),
    "Ftrl": lambda o: o.Ftrl(0.01, l1_regularization_strength=0.01),
    "Lion": lambda o: o.Lion(0.01),
    "Lamb": lambda o: o.Lamb(0.01),
    "Muon": lambda o: o.Muon(0.01, exclude_layers=["last"]),
    "accumulated gradients": lambda o: o.Adam(0.01, gradient_accumulation_steps=2),
    "scaled loss": lambda o: o.LossScaleOptimizer(o.Adam(0.01), initial_scale=8.0),
    "exponential decay": lambda o: o.SGD(o.schedules.ExponentialDecay(0.1, 2, 0.5), momentum=0.9),
    "cosine decay": lambda o: o.Adam(o.schedules.CosineDecay(0.0, 5, warmup_target=0.1, warmup_steps=3)),
}


def _with_optimizer(make: Callable[[Any], Any]) -> Make:
    return lambda k: stacked(k, (3,), k.layers.Dense(4, "relu"), optimizer=make(k.optimizers))


ARCHITECTURES |= {f"optimizer {name}": _with_optimizer(make) for name, make in OPTIMIZERS.items()}

# -- layers, a family a stack ------------------------------------------------------------------------------------------

entered(
    "dense with rules",
    (3,),
    lambda k: [
        k.Dense(4, kernel_regularizer="l2", bias_constraint="non_neg", kernel_initializer="he_normal"),
        k.Dense(4, use_bias=False, activity_regularizer="l1", activation="softmax"),
    ],
)
entered(
    "activations",
    (3,),
    lambda k: [
        *(k.Dense(4), k.ReLU(6.0, negative_slope=0.1), k.LeakyReLU(0.3), k.PReLU(alpha_initializer="ones")),
        *(k.ELU(0.5), k.Softmax(), k.Activation("gelu"), k.Dense(3, activation="leaky_relu"), k.Activation("tanh")),
    ],
)
entered("batch normalization", (3,), lambda k: [k.Dense(4), k.BatchNormalization(momentum=0.5), k.ReLU()])
entered(
    "other normalizations",
    (4, 6),
    lambda k: [
        *(k.LayerNormalization(axis=(1, 2)), k.GroupNormalization(2), k.RMSNormalization()),
        *(k.UnitNormalization(), k.SpectralNormalization(k.Dense(3), power_iterations=2)),
    ],
)
entered("normalization that is given", (3,), lambda k: [k.Normalization(mean=[1.0, 2, 3], variance=[2.0, 1, 1])])
entered("dropout", (4,), lambda k: [k.Dense(8), k.Dropout(0.5, seed=1), k.Dense(8), k.Dropout(0.5, seed=2)])
entered(
    "noise", (4,), lambda k: [k.GaussianNoise(0.5, seed=1), k.GaussianDropout(0.3, seed=2), k.AlphaDropout(0.3, seed=3)]
)
entered("spatial dropout of steps", (4, 3), lambda k: [k.SpatialDropout1D(0.5, seed=4)])
entered("spatial dropout of images", (4, 4, 3), lambda k: [k.SpatialDropout2D(0.5, seed=4), k.Dense(2)])
entered("spatial dropout of volumes", (2, 2, 2, 3), lambda k: [k.SpatialDropout3D(0.5, seed=4), k.Dense(2)])
entered("activity regularization", (3,), lambda k: [k.Dense(4), k.ActivityRegularization(0.1, 0.2), k.Identity()])
entered("embedding", (4,), lambda k: [k.Embedding(10, 3, embeddings_regularizer="l2"), k.Flatten()], "int32")
entered("embedding with mask", (4,), lambda k: [k.Embedding(10, 3, mask_zero=True), k.Dense(2)], "int32")
entered("masking", (4, 3), lambda k: [k.Masking(0.5), k.Dense(2)])
entered("einsum dense", (4, 3), lambda k: [k.EinsumDense("abc,cd->abd", (4, 5), bias_axes="d", activation="relu")])
entered("time distributed", (4, 3), lambda k: [k.TimeDistributed(k.Dense(2, activation="tanh"))])
entered("shapes", (4, 6), lambda k: [k.Reshape((2, -1)), k.Permute((2, 1)), k.Flatten(), k.RepeatVector(3)])
entered("steps", (6, 3), lambda k: [k.Cropping1D((1, 2)), k.ZeroPadding1D(1), k.UpSampling1D(2)])
entered(
    "images",
    (6, 6, 2),
    lambda k: [
        *(k.Rescaling(0.5, 1.0), k.Cropping2D(((1, 0), (0, 2))), k.ZeroPadding2D((1, 2))),
        *(k.UpSampling2D(2, interpolation="bilinear"), k.UpSampling2D(2)),
    ],
)
entered(
    "volumes", (3, 3, 3, 2), lambda k: [k.Cropping3D(((1, 0), (0, 1), (1, 0))), k.ZeroPadding3D(1), k.UpSampling3D(2)]
)
entered("discretization", (3,), lambda k: [k.Discretization([-1.0, 0.0, 1.0]), k.Embedding(4, 2)])
entered("category encoding", (3,), lambda k: [k.CategoryEncoding(10, output_mode="multi_hot")], "int32")


@architecture("normalization that was adapted")
def _(k: ModuleType) -> Any:
    layer = k.layers.Normalization()
    layer.adapt(np.arange(12, dtype="float32").reshape(4, 3))
    return stacked(k, (3,), layer)


@architecture("function of a layer")
def _(k: ModuleType) -> Any:
    return stacked(k, (3,), k.layers.Lambda(own_classes(k)["doubled"], output_shape=(3,)), k.layers.Dense(2))


@architecture("function of an activation")
def _(k: ModuleType) -> Any:
    own = own_classes(k)
    layer = k.layers.Dense(2, activation=own["doubled"], kernel_regularizer=own["Shrink"](0.1))
    return stacked(k, (3,), layer, k.layers.Activation(own["doubled"]))


@architecture("half precision")
def _(k: ModuleType) -> Any:
    return stacked(k, (3,), k.layers.Dense(4, dtype="mixed_bfloat16"), k.layers.LayerNormalization(dtype="float32"))


@architecture("stack in a stack")
def _(k: ModuleType) -> Any:
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(3, "relu"), k.layers.BatchNormalization()])
    return stacked(k, (3,), k.layers.Dense(4), inner, optimizer="adam")


@architecture("stack without inputs")
def _(k: ModuleType) -> Any:
    model = k.Sequential([k.layers.Dense(4, "relu"), k.layers.Dropout(0.2, seed=5), k.layers.Dense(2)])
    model.compile("adam", "mse")
    model.build((None, 3))
    return model


# -- graphs ------------------------------------------------------------------------------------------------------------


def graph(k: ModuleType, inputs: Any, outputs: Any, optimizer: Any = "adam", **options: Any) -> Any:
    """A functional model, compiled."""
    model = k.Model(inputs, outputs)
    model.compile(optimizer, **{"loss": "mse", **options})
    return model


@architecture("wide and deep")
def _(k: ModuleType) -> Any:
    wide, deep = k.Input((2,), name="wide"), k.Input((3,), name="deep")
    hidden = k.layers.Dense(4, activation="relu")(deep)
    outputs = [
        k.layers.Dense(2, name="main")(k.layers.concatenate([wide, hidden])),
        k.layers.Dense(1, name="aux")(hidden),
    ]
    return graph(k, [wide, deep], outputs, loss=["mse", "mae"], loss_weights=[0.9, 0.1])


@architecture("outputs by name")
def _(k: ModuleType) -> Any:
    inputs = {"b": k.Input((2,), name="b"), "a": k.Input((3,), name="a")}
    outputs = {"z": k.layers.Dense(2, name="z")(inputs["a"]), "y": k.layers.Dense(1, name="y")(inputs["b"])}
    losses = {"z": k.losses.MeanSquaredError(), "y": k.losses.LogCosh()}
    return graph(k, inputs, outputs, loss=losses, loss_weights={"z": 2.0, "y": 0.5}, metrics={"z": ["mae"]})


@architecture("merging")
def _(k: ModuleType) -> Any:
    one, two = k.Input((4,)), k.Input((4,))
    pair = [k.layers.Dense(4)(one), k.layers.Dense(4)(two)]
    names = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    merged = [getattr(k.layers, name)()(pair) for name in names]
    return graph(k, [one, two], k.layers.Dense(2)(k.layers.Concatenate(axis=1)([*merged, k.layers.Dot(1)(pair)])))


@architecture("operations")
def _(k: ModuleType) -> Any:
    inputs = k.Input((4,))
    hidden = k.layers.Dense(4)(inputs) * 2.0 + 1.0
    hidden = k.ops.concatenate([k.ops.tanh(hidden), 1 - inputs / 2, inputs[:, 1:3]], axis=-1)
    return graph(k, inputs, k.layers.Dense(2)(hidden - k.ops.mean(hidden, axis=1, keepdims=True)))


@architecture("shared layer")
def _(k: ModuleType) -> Any:
    one, two, shared = k.Input((3,)), k.Input((3,)), k.layers.Dense(3, activation="relu")
    return graph(k, [one, two], k.layers.Dense(2)(k.layers.concatenate([shared(one), shared(shared(two))])))


@architecture("shared model")
def _(k: ModuleType) -> Any:
    inputs = k.Input((3,))
    inner = k.Model(inputs, k.layers.BatchNormalization()(k.layers.Dense(3, activation="relu")(inputs)), name="inner")
    one, two = k.Input((3,)), k.Input((3,))
    return graph(k, [one, two], k.layers.Dense(2)(k.layers.add([inner(one), inner(two)])))


@architecture("residual")
def _(k: ModuleType) -> Any:
    inputs = k.Input((4,))
    hidden = inputs
    for _ in range(3):
        hidden = k.layers.add([hidden, k.layers.Dense(4, "relu")(k.layers.LayerNormalization()(hidden))])
    return graph(k, inputs, k.layers.Dense(2)(hidden))


@architecture("nested graphs")
def _(k: ModuleType) -> Any:
    inner_inputs = k.Input((3,))
    inner = k.Model(inner_inputs, k.layers.Dense(3)(inner_inputs), name="inner")
    middle_inputs = k.Input((3,))
    middle = k.Model(middle_inputs, k.layers.Dropout(0.3, seed=6)(inner(inner(middle_inputs))), name="middle")
    inputs = k.Input((3,))
    return graph(k, inputs, k.layers.Dense(2)(middle(inputs)))


@architecture("frozen layer")
def _(k: ModuleType) -> Any:
    frozen = k.layers.Dense(4, trainable=False)
    return stacked(k, (3,), frozen, k.layers.BatchNormalization(trainable=False), k.layers.Dense(3), optimizer="adam")


@architecture("frozen model")
def _(k: ModuleType) -> Any:
    base = k.Sequential([k.Input((3,)), k.layers.Dense(4), k.layers.BatchNormalization()], name="base")
    base.trainable = False
    inputs = k.Input((3,))
    return graph(k, inputs, k.layers.Dense(2)(base(inputs, training=False)))


@architecture("thawed layer")
def _(k: ModuleType) -> Any:
    model = stacked(k, (3,), k.layers.Dense(4, name="first"), k.layers.Dense(3, name="second"))
    model.layers[0].trainable = False
    model.layers[1].trainable = True
    model.compile("adam", "mse")
    return model


@architecture("classifier")
def _(k: ModuleType) -> Any:
    inputs = k.Input((3,))
    loss = k.losses.CategoricalCrossentropy(label_smoothing=0.1)
    metrics = ["accuracy", k.metrics.AUC(num_thresholds=5, name="area"), k.metrics.F1Score()]
    return graph(k, inputs, k.layers.Dense(2, activation="softmax")(inputs), loss=loss, metrics=metrics)


@architecture("own loss and metric")
def _(k: ModuleType) -> Any:
    own, inputs = own_classes(k), k.Input((3,))
    options = {"loss": own["cubic"], "metrics": [own["Greatest"](name="greatest")]}
    return graph(k, inputs, k.layers.Dense(2)(inputs), own["Plain"](0.05), **options)


# -- classes of one's own ----------------------------------------------------------------------------------------------


@architecture("own layers")
def _(k: ModuleType) -> Any:
    own = own_classes(k)
    return stacked(k, (3,), own["Block"](4, depth=2), own["Scale"](), own["Branches"](3), optimizer="adam")


@architecture("own model")
def _(k: ModuleType) -> Any:
    return built(own_classes(k)["Network"](units=4))


@architecture("own model with own weight")
def _(k: ModuleType) -> Any:
    return built(own_classes(k)["Biased"](2, name="biased"))


@architecture("own model of lists")
def _(k: ModuleType) -> Any:
    return built(own_classes(k)["Lists"]())


@architecture("own train step")
def _(k: ModuleType) -> Any:
    return built(own_classes(k)["Stepping"](3))


@architecture("own layer twice")
def _(k: ModuleType) -> Any:
    block, one = own_classes(k)["Block"](3, depth=1), k.Input((3,))
    return graph(k, one, k.layers.Dense(2)(block(block(one))))


def built(model: Any) -> Any:
    """A model of one's own, compiled and built by data."""
    model.compile("adam", "mse")
    model(np.zeros((1, 3), "float32"))
    return model


@cache
def own_classes(k: ModuleType) -> dict[str, Any]:
    """Registered classes and functions, by name."""
    registered = k.saving.register_keras_serializable("travel")

    @registered
    def doubled(x: Any) -> Any:
        return x * 2

    @registered
    def cubic(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.abs(y_true - y_pred) ** 3, axis=-1)

    @registered
    class Shrink(k.regularizers.Regularizer):
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def __call__(self, x: Any) -> Any:
            return self.factor * k.ops.sum(k.ops.square(x))

        def get_config(self) -> dict[str, Any]:
            return {"factor": self.factor}

    @registered
    class Plain(k.optimizers.SGD):
        pass

    @registered
    class Greatest(k.metrics.Metric):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.found = self.add_weight(shape=(), initializer="zeros", name="found")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.found.assign(k.ops.maximum(self.found.value, k.ops.max(y_pred)))

        def result(self) -> Any:
            return self.found.value

    @registered
    class Scale(k.layers.Layer):
        def build(self, shape: Any) -> None:
            self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")
            self.calls = self.add_weight(shape=(), initializer="zeros", name="calls", trainable=False)
            super().build(shape)

        def call(self, x: Any, training: bool = False) -> Any:
            if training:
                self.calls.assign_add(1.0)
            return x * self.factor

    @registered
    class Block(k.layers.Layer):
        def __init__(self, units: int, depth: int = 1, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units, self.depth = units, depth
            self.parts = [k.layers.Dense(units, "relu") for _ in range(depth)]
            self.drop = k.layers.Dropout(0.2, seed=5)

        def build(self, shape: Any) -> None:
            for part in self.parts:
                part.build(shape)
                shape = (*shape[:-1], self.units)
            super().build(shape)

        def call(self, x: Any, training: bool = False) -> Any:
            for part in self.parts:
                x = part(x)
            return self.drop(x, training=training)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units, "depth": self.depth}

    @registered
    class Branches(k.layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.parts = {"left": k.layers.Dense(units), "right": k.layers.Dense(units)}

        def build(self, shape: Any) -> None:
            for part in self.parts.values():
                part.build(shape)
            super().build(shape)

        def call(self, x: Any) -> Any:
            return self.parts["left"](x) - k.ops.sigmoid(self.parts["right"](x))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    @registered
    class Network(k.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.hidden = k.layers.Dense(units, activation="relu")
            self.norm = k.layers.BatchNormalization()
            self.inner = k.Sequential([k.layers.Dense(3), k.layers.Dropout(0.2, seed=5)])
            self.out = k.layers.Dense(2)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.out(self.inner(self.norm(self.hidden(x), training=training), training=training))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    @registered
    class Biased(k.Model):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.dense = k.layers.Dense(units)

        def build(self, shape: Any) -> None:
            self.offset = self.add_weight(shape=(self.units,), initializer="ones", name="offset")
            self.dense.build(shape)
            self.built = True

        def call(self, x: Any) -> Any:
            return self.dense(x) + self.offset

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    @registered
    class Lists(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.stacks = [[k.layers.Dense(3), k.layers.ReLU()], [k.layers.Dense(3)]]
            self.named = {"b": k.layers.Dense(2), "a": k.layers.Dense(2)}

        def call(self, x: Any) -> Any:
            for stack in self.stacks:
                for layer in stack:
                    x = layer(x)
            return self.named["a"](x) + self.named["b"](x)

    @registered
    class Stepping(Network):
        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, **kwargs: Any
        ) -> Any:
            found = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **kwargs)
            return found + 0.1 * k.ops.mean(k.ops.square(y_pred))

    made = (doubled, cubic, Shrink, Plain, Greatest, Scale, Block, Branches, Network, Biased, Lists, Stepping)
    return {item.__name__: item for item in made}
