"""Writes the golden files anew: `python tests/golden/write.py lamina`, and `keras` for those of Keras.

Files that are here stay as they are forever; new ones get names of their own.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np

HERE = Path(__file__).resolve().parent
X = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def main(name: str, version: str) -> None:
    keras = importlib.import_module(name)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), keras.losses.MeanSquaredError())
    model.fit(X, Y, epochs=2, batch_size=2, shuffle=False, verbose=0)
    files = [f"{name}-{version}.{ending}" for ending in ("keras", "h5", "weights.h5")]
    files += [f"{name}-{version}.safetensors"] if name == "lamina" else []
    for file in files:
        if file.endswith(("weights.h5", "safetensors")):
            model.save_weights(HERE / file)
        else:
            model.save(HERE / file)
    recorded = {"outputs": model.predict(X, verbose=0).tolist()}
    recorded["losses"] = model.fit(X, Y, epochs=2, batch_size=2, shuffle=False, verbose=0).history["loss"]
    for file in files:
        whole = {} if file.endswith((".keras", f"{version}.h5")) else {"model": files[0]}
        (HERE / f"{file}.json").write_text(json.dumps({**recorded, **whole}))


if __name__ == "__main__":
    main(*sys.argv[1:])
