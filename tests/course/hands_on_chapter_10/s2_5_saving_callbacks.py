"""Chapter 10, section 2-5: saving, restoring, checkpoints, early stopping, a callback of one's own."""

# %% load, split and scale the houses
import numpy as np
from sklearn.datasets import fetch_california_housing
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import lamina as keras

housing = fetch_california_housing()

X_train_full, X_test, y_train_full, y_test = train_test_split(housing.data, housing.target, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)

scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_valid = scaler.transform(X_valid)
X_test = scaler.transform(X_test)

# %% train a network
np.random.seed(42)
keras.utils.set_random_seed(42)

model = keras.models.Sequential(
    [
        keras.layers.Dense(30, activation="relu", input_shape=[8]),
        keras.layers.Dense(30, activation="relu"),
        keras.layers.Dense(1),
    ]
)
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-3))
history = model.fit(X_train, y_train, epochs=10, validation_data=(X_valid, y_valid))
mse_test = model.evaluate(X_test, y_test)

# %% save the model
model.save("my_keras_model.h5")

# %% load the model
saved = model.predict(X_test)
restored = keras.models.load_model("my_keras_model.h5")
np.testing.assert_allclose(restored.predict(X_test), saved, rtol=1e-6)

# %% save the weights
model.save_weights("my_keras_weights.ckpt")

# %% load the weights
model.load_weights("my_keras_weights.ckpt")
np.testing.assert_allclose(model.predict(X_test), saved, rtol=1e-6)

# %% a fresh network
keras.backend.clear_session()
np.random.seed(42)
keras.utils.set_random_seed(42)

model = keras.models.Sequential(
    [
        keras.layers.Dense(30, activation="relu", input_shape=[8]),
        keras.layers.Dense(30, activation="relu"),
        keras.layers.Dense(1),
    ]
)
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-3))

# %% keep the best epoch in a file
checkpoint_cb = keras.callbacks.ModelCheckpoint("my_keras_model.h5", save_best_only=True)
history = model.fit(X_train, y_train, epochs=10, validation_data=(X_valid, y_valid), callbacks=[checkpoint_cb])

# %% go back to the best epoch
best = keras.models.load_model("my_keras_model.h5")
mse_test = best.evaluate(X_test, y_test)
np.testing.assert_allclose(best.evaluate(X_valid, y_valid), min(history.history["val_loss"]), rtol=1e-4)

# %% stop early
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-3))
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = model.fit(
    X_train,
    y_train,
    epochs=100,
    validation_data=(X_valid, y_valid),
    callbacks=[checkpoint_cb, early_stopping_cb],
)
mse_test = model.evaluate(X_test, y_test)


# %% a callback of one's own
class PrintValTrainRatioCallback(keras.callbacks.Callback):
    """Tells how much worse the network does on houses it has not seen."""

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        """Prints the ratio of the two losses."""
        print("\nval/train: {:.2f}".format(logs["val_loss"] / logs["loss"]))


val_train_ratio_cb = PrintValTrainRatioCallback()
history = model.fit(X_train, y_train, epochs=1, validation_data=(X_valid, y_valid), callbacks=[val_train_ratio_cb])
