"""Files that were written once load forever, predict what was recorded, and go on training as they did."""

import json
from pathlib import Path

import numpy as np
import pytest

import lamina

HERE = Path(__file__).resolve().parent
FILES = sorted(path.name.removesuffix(".json") for path in HERE.glob("*.json"))
X = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def test_each_format_is_there():
    for name in ("lamina-0.1.keras", "lamina-0.1.h5", "lamina-0.1.weights.h5", "lamina-0.1.safetensors"):
        assert name in FILES
    assert all((HERE / name).stat().st_size < 22_000 for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_it_was(name):
    recorded = json.loads((HERE / f"{name}.json").read_text())
    model = lamina.models.load_model(HERE / recorded.get("model", name))
    if "model" in recorded:
        for variable in [*model.weights, *model.optimizer.variables]:
            variable.assign(np.zeros(variable.shape))
        model.load_weights(HERE / name)
    np.testing.assert_allclose(model.predict(X, verbose=0), recorded["outputs"], rtol=1e-6, atol=1e-6)
    targets = np.tile(Y, model.output_shape[-1])
    losses = model.fit(X, targets, epochs=2, batch_size=2, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, recorded["losses"], rtol=1e-5)
