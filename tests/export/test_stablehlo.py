"""An artifact is run by JAX alone, for batches of any size."""

import os
import subprocess
import sys

import jax.export
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, MissingFolderError


def load(path):
    with open(path, "rb") as file:
        exported = jax.export.deserialize(bytearray(file.read()))
    return jax.jit(exported.call)


@pytest.fixture
def model():
    x = lamina.Input((3,))
    hidden = layers.Dropout(0.5)(layers.BatchNormalization()(layers.Dense(4, activation="relu")(x)))
    made = lamina.Model(x, layers.Dense(2, activation="softmax")(hidden))
    made.compile("adam", "mse")
    made.fit(np.random.rand(8, 3), np.random.rand(8, 2), verbose=0)
    return made


@pytest.mark.parametrize(("name", "format"), [("model.stablehlo", None), ("model", "stablehlo")])
def test_it_predicts_what_the_model_predicts(model, tmp_path, name, format):
    model.export(tmp_path / name, format=format)
    run = load(tmp_path / name)
    for rows in (1, 5):
        x = np.random.default_rng(rows).normal(size=(rows, 3)).astype("float32")
        np.testing.assert_allclose(run(x), model.predict(x, verbose=0), atol=1e-6)


def test_jax_is_all_it_needs(model, tmp_path):
    model.export(tmp_path / "model.stablehlo")
    x = np.ones((3, 3), "float32")
    code = (
        "import sys, jax, numpy as np, jax.export\n"
        "run = jax.export.deserialize(bytearray(open(sys.argv[1], 'rb').read())).call\n"
        "print(np.asarray(run(np.ones((3, 3), 'float32'))).tolist(), 'lamina' in sys.modules)"
    )
    script = [sys.executable, "-I", "-W", "ignore", "-c", code, tmp_path / "model.stablehlo"]
    done = subprocess.run(
        script, capture_output=True, text=True, check=True, env={**os.environ, "JAX_PLATFORMS": "cpu"}
    )
    values, imported = done.stdout.rsplit(" ", 1)
    assert imported.strip() == "False"
    np.testing.assert_allclose(eval(values), model.predict(x, verbose=0), atol=1e-6)


def test_what_onnx_has_no_words_for_is_no_matter(tmp_path):
    x = lamina.Input((3,))
    model = lamina.Model(x, layers.Lambda(lambda x: jax.numpy.abs(jax.numpy.fft.fft(x)))(x))
    model.export(tmp_path / "model.stablehlo")
    given = np.random.rand(2, 3).astype("float32")
    np.testing.assert_allclose(load(tmp_path / "model.stablehlo")(given), model.predict(given, verbose=0), atol=1e-6)


def test_several_inputs_are_given_one_by_one(tmp_path):
    one, two = lamina.Input((3,)), lamina.Input((None, 3))
    model = lamina.Model([one, two], layers.RepeatVector(2)(one)[:, :1] + layers.Dense(3)(two))
    model.export(tmp_path / "model.stablehlo")
    given = np.ones((4, 3), "float32"), np.ones((4, 7, 3), "float32")
    found = load(tmp_path / "model.stablehlo")(*given)
    np.testing.assert_allclose(found, model.predict(list(given), verbose=0), atol=1e-6)


def test_it_says_where_it_wrote_if_it_is_to(model, tmp_path, capsys):
    model.export(tmp_path / "model.stablehlo")
    assert capsys.readouterr().out == ""
    model.export(tmp_path / "model.stablehlo", verbose=True)
    assert "model.stablehlo' holds the model as stablehlo" in capsys.readouterr().out


def test_a_missing_folder_is_named(model, tmp_path):
    with pytest.raises(MissingFolderError, match="there is no folder"):
        model.export(tmp_path / "none" / "model.stablehlo")


def test_unknown_inputs_are_asked_for(tmp_path):
    class Own(lamina.Model):
        def build(self, input_shape):
            self.built = True

        def call(self, x):
            return x

    model = Own()
    model.build((None, 3))
    model._build_shapes = None
    with pytest.raises(ArgumentError, match="not known what inputs") as refused:
        model.export(tmp_path / "model.stablehlo")
    assert "input_signature" in refused.value.hint
