"""Dtype policies against Keras's: what layers compute in, keep and say in their configs."""

import json

import numpy as np
import pytest

from lamina import dtype_policies, layers

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's variables

POLICIES = [
    *(("DTypePolicy", {"name": name}) for name in ("float32", "bfloat16", "float16", "mixed_bfloat16")),
    ("FloatDTypePolicy", {"name": "mixed_float16"}),
    ("DTypePolicyMap", {"default_policy": "float32", "policy_map": {"hid.*": "mixed_bfloat16"}}),
    ("DTypePolicyMap", {"default_policy": "bfloat16"}),
]


def made(module, name, arguments):
    arguments = dict(arguments)
    policies = arguments.pop("policy_map", {})
    policy = getattr(module, name)(**arguments)
    for expression, chosen in policies.items():
        policy[expression] = chosen
    return policy


@pytest.mark.parametrize(("name", "arguments"), POLICIES, ids=str)
def test_layers_compute_and_keep_what_kerass_do(name, arguments):
    own, theirs = made(dtype_policies, name, arguments), made(keras.dtype_policies, name, arguments)
    assert (own.name, own.compute_dtype, own.variable_dtype) == (
        *(theirs.name, theirs.compute_dtype),
        theirs.variable_dtype,
    )
    x, kernel = np.random.normal(size=(4, 3)), np.random.normal(size=(3, 2))
    outputs = []
    for module, policy in ((layers, own), (keras.layers, theirs)):
        layer = module.Dense(2, dtype=policy, name="hidden")
        layer.build((None, 3))
        layer.set_weights([kernel, np.zeros(2)])
        outputs.append((layer(x), layer.kernel.dtype, layer.compute_dtype, layer.get_config()["dtype"]))
    (found, *said), (expected, *their_said) = outputs
    assert (found.dtype, *said) == (expected.dtype, *their_said)
    np.testing.assert_array_equal(np.asarray(found, "float32"), np.asarray(expected, "float32"))


@pytest.mark.parametrize(("name", "arguments"), POLICIES, ids=str)
def test_configs_travel_both_ways(name, arguments):
    own, theirs = made(dtype_policies, name, arguments), made(keras.dtype_policies, name, arguments)
    record = json.loads(json.dumps(dtype_policies.serialize(own)))
    assert record == keras.dtype_policies.serialize(theirs)
    assert dtype_policies.deserialize(record).name == dtype_policies.get(record).name == theirs.name
    assert keras.dtype_policies.deserialize(record).get_config() == theirs.get_config()
