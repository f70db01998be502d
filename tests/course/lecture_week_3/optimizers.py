"""Lecture, fast optimizers: gradient clipping, momentum, Nesterov, RMSProp and Adam.

The slides only make the optimizers; here each also takes one step, since making it proves little.
"""

# %% a small problem
import numpy as np

import lamina as keras

keras.utils.set_random_seed(42)
x = np.random.normal(size=(64, 4)).astype("float32")
y = x @ np.array([[1.0], [-2.0], [0.5], [3.0]], dtype="float32")
model = keras.models.Sequential([keras.layers.Dense(1, input_shape=[4])])


def changes_weights(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether training for an epoch moves every weight."""
    model.compile(loss="mse", optimizer=optimizer)
    before = model.get_weights()
    model.fit(x, y, epochs=1, verbose=0)
    return all((old != new).all() for old, new in zip(before, model.get_weights(), strict=True))


# %% clip the gradients by value
optimizer = keras.optimizers.SGD(clipvalue=1.0)
model.compile(loss="mse", optimizer=optimizer)
assert changes_weights(optimizer)

# %% momentum
optimizer = keras.optimizers.SGD(lr=0.001, momentum=0.9)
assert changes_weights(optimizer)

# %% Nesterov accelerated gradient
optimizer = keras.optimizers.SGD(lr=0.001, momentum=0.9, nesterov=True)
assert changes_weights(optimizer)

# %% RMSProp
optimizer = keras.optimizers.RMSprop(lr=0.001, rho=0.9)
assert changes_weights(optimizer)

# %% Adam
optimizer = keras.optimizers.Adam(lr=0.001, beta_1=0.9, beta_2=0.999)
assert changes_weights(optimizer)
