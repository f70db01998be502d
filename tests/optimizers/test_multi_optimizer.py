"""Several optimizers for one model."""

import numpy as np
import pytest

import lamina as keras
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.core.variable import Variable
from lamina.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap


def weights():
    return [Variable([1.0], name="kernel"), Variable([1.0], name="bias")]


def test_a_function_chooses():
    slow, fast = SGD(0.1), SGD(0.5)
    optimizer = MultiOptimizer(lambda variable: fast if "bias" in variable.path else slow)
    kernel, bias = weights()
    optimizer.apply([[1.0], [1.0]], [kernel, bias])
    assert (kernel.numpy(), bias.numpy()) == (np.float32(0.9), np.float32(0.5))
    assert optimizer.optimizers == [slow, fast]
    assert int(optimizer.iterations.numpy()) == 1


def test_scales_are_shared():
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5, loss_scale_factor=3.0)), loss_scale_factor=4.0)
    assert optimizer.optimizers[0].loss_scale_factor == 4.0
    optimizer.loss_scale_factor = 2.0
    kernel = weights()[0]
    assert optimizer.scale_loss(3.0) == 6.0
    optimizer.apply([[2.0]], [kernel])
    assert kernel.numpy() == 0.5


def test_rates_are_those_of_the_parts():
    optimizer = MultiOptimizer(OptimizerMap(SGD()))
    for use in (lambda: optimizer.learning_rate, lambda: setattr(optimizer, "learning_rate", 0.1)):
        with pytest.raises(AttributeError, match=r"no learning rate of its own(.|\n)*optimizers\[0\].learning_rate"):
            use()


def test_weights_train_apart_in_fit(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="first"), keras.layers.Dense(1)])
    model.compile(MultiOptimizer(OptimizerMap(SGD(0.1), {".*first/.*": SGD(0.0)})), "mse")
    before = model.get_weights()
    x = np.ones((8, 2), "float32")
    model.fit(x, x[:, :1] + 3, verbose=0)
    changed = [not np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").optimizer
    assert loaded.get_config() == model.optimizer.get_config()
    assert [float(np.sum(v.numpy())) for v in loaded.variables] == [
        float(np.sum(v.numpy())) for v in model.optimizer.variables
    ]


def test_maps_are_dicts():
    adam = Adam()
    optimizers = OptimizerMap(SGD(), {"encoder/.*": adam})
    assert (list(optimizers), len(optimizers), optimizers["encoder/x/kernel"]) == (["encoder/.*"], 1, adam)
    del optimizers["encoder/.*"]
    assert optimizers["encoder/x/kernel"] is optimizers.default_optimizer


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MultiOptimizer(3), ArgumentTypeError, "optimizer_map=3(.|\n)*hint: OptimizerMap"),
        (lambda: OptimizerMap("sgd"), ArgumentTypeError, "must be an optimizer, not 'sgd'"),
        (lambda: OptimizerMap(SGD(), [Adam()]), ArgumentTypeError, "must be a dict"),
        (lambda: OptimizerMap(SGD(), {"a": "adam"}), ArgumentError, "for 'a' must be an optimizer. Received: 'adam'"),
        (lambda: OptimizerMap(SGD(), {1: Adam()}), ArgumentError, "must be regular expressions, not 1"),
        (lambda: OptimizerMap(SGD(), {"a": LossScaleOptimizer(SGD())}), ArgumentError, "cannot be a LossScaleOptim"),
        (lambda: MultiOptimizer(lambda v: "sgd").build(weights()), ArgumentError, "for 'kernel' must be an optimizer"),
        (
            lambda: MultiOptimizer(OptimizerMap(SGD(), {"ker.*": SGD(), "kernel.?": SGD()})).build(weights()),
            ArgumentError,
            r"Several expressions .* match 'kernel': ker.\*, kernel.\?",
        ),
    ],
)
def test_wrong_choices_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_an_expression_stands_for_one_optimizer():
    optimizers = OptimizerMap(SGD(), {"a": Adam(name="first")})
    with pytest.raises(ArgumentError, match=r"for .a. already: <.*Adam.*>(.|\n)*delete it"):
        optimizers["a"] = SGD()
