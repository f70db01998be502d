"""Dtype policies: of the process, of layers, of models in half precision, and of float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina as keras
from lamina.core import precision
from lamina.core.precision import as_policy


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    wide = jax.config.jax_enable_x64
    monkeypatch.setitem(precision._policy, "global", None)
    yield
    keras.config.set_floatx("float32")
    jax.config.update("jax_enable_x64", wide)


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("mixed_float16", "float16", "float32"),
    ],
)
def test_policies_of_layers(name, compute, variable):
    layer = keras.layers.Dense(2, dtype=name)
    outputs = layer(np.ones((3, 4), "float32"))
    assert (outputs.dtype, layer.kernel.dtype, layer.compute_dtype) == (compute, variable, compute)
    again = keras.layers.Dense.from_config(layer.get_config())
    assert again.dtype_policy == keras.DTypePolicy(name)
    assert keras.dtype_policies.get(keras.dtype_policies.serialize(layer.dtype_policy)).name == name


def test_the_global_policy_is_that_of_layers_without_one():
    for set_policy in (keras.mixed_precision.set_global_policy, keras.config.set_dtype_policy):
        set_policy("mixed_bfloat16")
        assert keras.mixed_precision.global_policy().name == keras.DTypePolicy().name == "mixed_bfloat16"
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        assert keras.layers.Dense(1, dtype="float32").compute_dtype == "float32"
        set_policy(keras.mixed_precision.Policy("float32"))
        assert keras.config.dtype_policy().name == "float32"


def test_the_policy_of_a_layer_can_be_set():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="mixed_bfloat16")])
    x = np.ones((4, 3), "float32")
    assert model.predict(x, verbose=0).dtype == jnp.bfloat16
    model.layers[0].dtype_policy = "float32"
    assert model.predict(x, verbose=0).dtype == model(x).dtype == jnp.float32
    assert model.layers[0].dtype_policy == keras.DTypePolicy("float32")


def test_a_policy_is_made_of_a_name():
    with pytest.raises(TypeError, match=r"made of a name, such as 'mixed_bfloat16'\. Received: name=3"):
        keras.DTypePolicy(3)


def test_what_means_a_policy():
    assert as_policy(jnp.bfloat16).name == as_policy({"name": "bfloat16"}).name == "bfloat16"
    for wrong in ("mixed_bfloat61", "mixed_float32", 3, object()):
        with pytest.raises(ValueError, match=r"no dtype policy|make sense of(?s:.*)choose from|did you mean"):
            as_policy(wrong)
    with pytest.raises(ValueError, match=r"'mixed_bfloat61' is no dtype policy(?s:.*)did you mean mixed_bfloat16"):
        keras.config.set_dtype_policy("mixed_bfloat61")
    with pytest.raises(ValueError, match=r"floatx must be one of .*'float23'"):
        keras.config.set_floatx("float23")


@pytest.mark.parametrize("ask", ["layer", "floatx", "policy"])
def test_who_asks_for_float64_gets_it(ask):
    if ask == "floatx":
        keras.config.set_floatx("float64")
    if ask == "policy":
        keras.config.set_dtype_policy("float64")
    layer = keras.layers.Dense(1, dtype="float64" if ask == "layer" else None, kernel_initializer="ones")
    assert float(layer(np.array([[1.0, 1e-12]]))[0, 0]) == 1 + 1e-12
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert model.weights[0].numpy().dtype == model.optimizer.variables[2].numpy().dtype == "float64"
    assert model.predict(np.ones((1, 2)), verbose=0).dtype == "float64"


def halved(policy, **compiled):
    keras.config.set_dtype_policy(policy)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **compiled)
    x = np.random.normal(size=(32, 2)).astype("float32")
    losses = model.fit(x, x.sum(1), epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.weights[0].dtype == "float32"
    return model


def test_half_precision_scales_the_loss():
    model = halved("mixed_float16")
    optimizer = model.optimizer
    assert type(optimizer) is keras.optimizers.LossScaleOptimizer
    assert optimizer.name == "loss_scale_optimizer"
    assert int(optimizer.step_counter) + int(optimizer.inner_optimizer.iterations) > 0
    assert type(halved("mixed_bfloat16").optimizer) is keras.optimizers.SGD
    assert type(halved("mixed_float16", auto_scale_loss=False).optimizer) is keras.optimizers.SGD


def test_policies_are_chosen_by_names_of_layers(tmp_path):
    policies = keras.dtype_policies.DTypePolicyMap("mixed_bfloat16", {"head.*": "float32"})
    keras.config.set_dtype_policy(policies)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1, name="head_1")])
    assert [layer.compute_dtype for layer in model.layers] == ["bfloat16", "float32"]
    assert keras.layers.Dense.from_config(model.layers[1].get_config()).compute_dtype == "float32"
    assert model.predict(np.ones((2, 3)), verbose=0).dtype == "float32"
    model.save(tmp_path / "model.keras")
    keras.config.set_dtype_policy("float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [layer.compute_dtype for layer in loaded.layers] == ["bfloat16", "float32"]
    assert repr(policies) == '<DTypePolicyMap "mixed_bfloat16", "head.*": "float32">'


def test_maps_of_policies_refuse_what_is_none():
    policies = keras.dtype_policies.DTypePolicyMap(policy_map={"a.*": "float16", "ab": "bfloat16", ".*c": "float16"})
    assert (policies["ab"].name, policies["b"].name, "ab" in policies, "b" in policies) == (
        *("bfloat16", "float32"),
        *(True, False),
    )
    for wrong, error, message in (
        (lambda: policies["ac"], ValueError, r"Several expressions .* match 'ac': a.\*, .\*c"),
        (lambda: policies.update(ab="float32"), ValueError, "for 'ab' already(?s:.*)delete it"),
        (lambda: policies.update({3: "float32"}), ValueError, "must be regular expressions, not 3"),
        (lambda: policies.update(x="float23"), ValueError, "'float23' is no dtype policy"),
        (lambda: type(policies)(policies), ValueError, "cannot be a DTypePolicyMap"),
        (lambda: type(policies)("float32", ["a"]), TypeError, r"policy_map=\['a'\]"),
    ):
        with pytest.raises(error, match=message):
            wrong()
