"""Shapes of graphs, precision policies, seeds, names, settings and tracebacks."""

import traceback

import numpy as np
import pytest

import lamina
from lamina import Input, layers, ops
from lamina.core.errors import ArgumentError, DataDependentError, LaminaError, UnboundVariableError
from lamina.core.symbolic import SymbolicTensor, infer

X = np.ones((4, 3), "float32")


@pytest.mark.parametrize(
    ("function", "shape", "expected"),
    [
        (lambda x: x.reshape(-1, 4), (None, 2, 2), (None, 4)),
        (lambda x: x[:, 0], (None, None, 3), (None, 3)),
        (lambda x: x.sum(0), (None, 5), (5,)),
        (lambda x: x @ x.T, (None, 5), (None, None)),
        (lambda x: x[:31], (40, 5), (31, 5)),
    ],
)
def test_unknown_axes_are_inferred(function, shape, expected):
    assert infer(function, SymbolicTensor(shape)).shape == expected


def test_operations_draw_graphs():
    x = Input((3,), name="x")
    y = (2 * x + x**2)[:, :2] / 3 - ops.mean(x, -1, keepdims=True)
    assert (y.shape, y.dtype) == ((None, 2), "float32")
    assert y.node is not None
    assert ops.cast(x, "int32").dtype == "int32"


@pytest.mark.parametrize("use", [bool, list, np.asarray, float, int], ids=lambda use: use.__name__)
def test_a_symbolic_tensor_has_no_values(use):
    with pytest.raises(DataDependentError, match=r"(?s)shape \(None, 3\)\) has no values yet.*hint"):
        use(Input((3,)))


def test_policies():
    policy = lamina.DTypePolicy("mixed_float16")
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    assert policy == lamina.DTypePolicy.from_config(policy.get_config())
    with pytest.raises(ArgumentError, match=r"(?s)'mixed_bfloat'.*did you mean mixed_bfloat16"):
        lamina.DTypePolicy("mixed_bfloat")
    assert layers.Dense(2, dtype=np.float16).compute_dtype == "float16"


def test_the_global_policy_is_that_of_new_layers():
    lamina.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = layers.Dense(2)
    finally:
        lamina.config.set_dtype_policy("float32")
    assert layer(X).dtype == "bfloat16"
    assert layer.kernel.dtype == "float32"
    assert layers.Dense(2)(X).dtype == "float32"


@pytest.mark.parametrize("seed", [1.5, True, "a"])
def test_seeds_are_integers(seed):
    with pytest.raises(ArgumentError, match="seed must be an integer"):
        lamina.random.SeedGenerator(seed)
    with pytest.raises(ArgumentError, match="seed must be an integer"):
        lamina.utils.set_random_seed(seed)


def test_an_unseeded_draw_in_a_program_is_refused():
    class Noisy(layers.Layer):
        def call(self, x):
            return x + lamina.random.normal(x.shape)

    model = lamina.Sequential([Noisy(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(UnboundVariableError, match=r"(?s)without a seed.*SeedGenerator"):
        model.fit(X, X[:, :1], verbose=0)


def test_names_count_up_until_the_session_is_cleared():
    lamina.backend.clear_session()
    assert [layers.Dense(1).name for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert layers.Dense(1, name="dense").name == "dense"
    lamina.backend.clear_session()
    assert layers.Dense(1).name == "dense"


def test_settings_refuse_what_is_none():
    with pytest.raises(ArgumentError, match="'float8'"):
        lamina.config.set_floatx("float8")
    with pytest.raises(ArgumentError, match="'channels'"):
        lamina.config.set_image_data_format("channels")
    with pytest.raises(AttributeError, match=r"(?s)no 'Dens'.*did you mean Dense"):
        _ = layers.Dens
    with pytest.raises(AttributeError, match=r"(?s)no 'layer'.*did you mean .*layers"):
        _ = lamina.layer


def test_a_traceback_holds_the_users_frames_alone():
    class Broken(layers.Layer):
        def call(self, x):
            return x * lamina.Variable(1.0, name="late")

    model = lamina.Sequential([Broken(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(LaminaError) as caught:
        model.fit(X, X[:, :1], verbose=0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames if "/lamina/" not in frame.filename][-1] == "call"
    inside = [f"{f.filename}:{f.lineno}" for f in frames if "/src/lamina/" in f.filename]
    # The door itself stays: Python adds the frame that raises.
    assert len(inside) <= 1, inside
