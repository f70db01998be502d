"""Steps that models define for themselves."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.core.errors import ArgumentError, NotCompiledError
from lamina.training.loop import trace_count

X = np.random.default_rng(0).normal(size=(70, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def weights_of(model: keras.Model, seed: int = 3) -> None:
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(size=w.shape).astype("float32") for w in model.weights])


def functional(cls: type[keras.Model]) -> keras.Model:
    inputs = keras.Input((4,))
    hidden = layers.Dropout(0.3, seed=5)(layers.Dense(6, activation="relu")(inputs))
    model = cls(inputs, layers.Dense(1)(hidden))
    weights_of(model)
    return model


class Plain(keras.Model):
    """Calls what it overrides."""

    def train_step(self, data: Any) -> Any:
        return super().train_step(data)

    def test_step(self, data: Any) -> Any:
        return super().test_step(data)

    def predict_step(self, data: Any) -> Any:
        return super().predict_step(data)


class PlainKeras(keras.Model):
    """Likewise, in the form of Keras on JAX."""

    def train_step(self, state: Any, data: Any) -> Any:
        return super().train_step(state, data)

    def test_step(self, state: Any, data: Any) -> Any:
        return super().test_step(state, data)

    def predict_step(self, state: Any, data: Any) -> Any:
        return super().predict_step(state, data)


class Stateful(keras.Model):
    """Writes the step out, with variables."""

    def train_step(self, data: Any) -> Any:
        x, y = data

        def loss_of() -> Any:
            y_pred = self(x, training=True)
            return self.compute_loss(y=y, y_pred=y_pred), y_pred

        (loss, y_pred), gradients = keras.value_and_grad(loss_of, self, has_aux=True)()
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=x.shape[0])
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


class Pure(keras.Model):
    """Writes the step out, as a pure function of the state."""

    def train_step(self, state: Any, data: Any) -> Any:
        trained, others, slots, sums = state
        x, y = data

        def loss_of(trained: Any, others: Any) -> Any:
            y_pred, others = self.stateless_call(trained, others, x, training=True)
            return self.compute_loss(x, y, y_pred), (y_pred, others)

        (loss, (y_pred, others)), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained, others)
        trained, slots = self.optimizer.stateless_apply(slots, gradients, trained)
        new: list[Any] = []
        logs = {}
        for metric in self.metrics:
            own = sums[len(new) : len(new) + len(metric.variables)]
            given = (loss,) if metric.name == "loss" else (y, y_pred)
            kwargs = {"sample_weight": x.shape[0]} if metric.name == "loss" else {}
            own = metric.stateless_update_state(own, *given, **kwargs)
            logs[metric.name] = metric.stateless_result(own)
            new += own
        return logs, (trained, others, slots, new)


@pytest.mark.parametrize("cls", [Plain, PlainKeras, Stateful, Pure])
def test_steps_of_ones_own_that_do_the_same_give_the_same(cls: type[keras.Model]) -> None:
    def run(kind: type[keras.Model]) -> tuple[Any, ...]:
        model = functional(kind)
        model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
        history = model.fit(X, Y, epochs=3, shuffle=False, verbose=0, validation_data=(X, Y)).history
        return history, model.evaluate(X, Y, verbose=0, return_dict=True), model.predict(X, verbose=0)

    (history, scores, outputs), (own_history, own_scores, own_outputs) = run(keras.Model), run(cls)
    assert list(own_history) == list(history)
    for name, values in history.items():
        np.testing.assert_allclose(own_history[name], values, rtol=1e-5)
    assert own_scores == pytest.approx(scores, rel=1e-5)
    np.testing.assert_allclose(own_outputs, outputs, rtol=1e-4, atol=1e-6)


def test_the_loop_over_steps_of_ones_own_is_compiled_once() -> None:
    model = functional(Stateful)
    model.compile("sgd", "mse")
    model.fit(X[:64], Y[:64], verbose=0)
    before = trace_count()
    model.fit(X[:64], Y[:64], epochs=3, verbose=0)
    assert trace_count() == before


def test_predict_step_changes_predictions_alone() -> None:
    class Doubled(keras.Model):
        def predict_step(self, data: Any) -> Any:
            return 2 * self(data[0], training=False)

    model = functional(Doubled)
    np.testing.assert_allclose(model.predict(X, verbose=0), 2 * np.asarray(model(X)), rtol=1e-5, atol=1e-6)


def test_compute_loss_and_compute_metrics_may_be_overridden() -> None:
    class Penalized(keras.Model):
        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            return super().compute_loss(x, y, y_pred, sample_weight, training) + 100.0

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return {**super().compute_metrics(x, y, y_pred, sample_weight), "more": 1.0}

    plain, own = functional(keras.Model), functional(Penalized)
    losses = []
    for model in (plain, own):
        model.compile("sgd", "mse")
        losses.append(model.evaluate(X, Y, verbose=0))
    assert losses[1] == pytest.approx(losses[0] + 100, rel=1e-6)


class Rivals(keras.Model):
    """Two networks that learn against each other, each with an optimizer of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(2)])
        self.critic = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
        self.seed = keras.random.SeedGenerator(1)
        self.generator_loss = keras.metrics.Mean(name="generator_loss")
        self.critic_loss = keras.metrics.Mean(name="critic_loss")

    def compile(self, generator_optimizer: Any, critic_optimizer: Any, loss: Any) -> None:  # type: ignore[override]
        super().compile()
        self.generator_optimizer, self.critic_optimizer, self.rule = generator_optimizer, critic_optimizer, loss

    @property
    def metrics(self) -> list[Any]:
        return [self.generator_loss, self.critic_loss]

    def train_step(self, data: Any) -> Any:
        real = data[0]
        noise = keras.random.normal((real.shape[0], 2), seed=self.seed)
        truth = jnp.concatenate([jnp.ones((len(real), 1)), jnp.zeros((len(real), 1))])

        def criticize() -> Any:
            return self.rule(truth, self.critic(jnp.concatenate([real, self.generator(noise)])))

        def forge() -> Any:
            return self.rule(jnp.ones((len(real), 1)), self.critic(self.generator(noise)))

        loss, gradients = keras.value_and_grad(criticize, self.critic)()
        self.critic_optimizer.apply(gradients, self.critic.trainable_variables)
        self.critic_loss.update_state(loss)
        loss, gradients = keras.value_and_grad(forge, self.generator)()
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        self.generator_loss.update_state(loss)
        return {metric.name: metric.result() for metric in self.metrics}


@pytest.mark.parametrize("eager", [False, True], ids=["compiled", "eager"])
def test_two_optimizers_in_one_step(eager: bool) -> None:
    model = Rivals()
    model.compile(
        keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True)
    )
    model.run_eagerly = eager
    history = model.fit(X[:, :2], epochs=2, batch_size=35, verbose=0).history
    assert sorted(history) == ["critic_loss", "generator_loss"]
    assert int(model.critic_optimizer.iterations) == int(model.generator_optimizer.iterations) == 4
    assert np.isfinite(history["critic_loss"]).all()


def test_a_pair_that_is_trained_in_turns() -> None:
    """As textbooks do it: the critic is frozen when the pair is compiled, and trained on its own before."""
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="relu"), layers.Dense(1)])
    critic.compile("sgd", "mse")
    critic.trainable = False
    pair = keras.Sequential([generator, critic])
    pair.compile("sgd", "mse")
    frozen, free = critic.get_weights(), generator.get_weights()
    pair.train_on_batch(X[:, :2], Y)
    assert all(map(np.array_equal, critic.get_weights(), frozen))
    assert not all(map(np.array_equal, generator.get_weights(), free))
    critic.train_on_batch(X[:, :2], Y)
    assert not all(map(np.array_equal, critic.get_weights(), frozen))


def test_a_step_that_returns_no_logs_is_named() -> None:
    class Wrong(keras.Model):
        def train_step(self, data: Any) -> Any:
            return 3.0

    model = functional(Wrong)
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match=r"(?s)train_step of Wrong.*returned float, not a dict.*get_metrics_result"):
        model.fit(X, Y, verbose=0)


def test_a_state_of_another_length_is_named() -> None:
    model = functional(keras.Model)
    model.compile("sgd", "mse")
    model.train_on_batch(X, Y)
    with pytest.raises(ArgumentError, match="predict_step got a state of 0 values, but it has 5 variables"):
        model.predict_step(([], []), (X,))


def test_steps_of_ones_own_need_compile() -> None:
    with pytest.raises(NotCompiledError):
        functional(Plain).fit(X, Y, verbose=0)
