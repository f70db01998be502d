"""Chapter 10, section 3: a random search over depth, width and learning rate."""
# ruff: noqa: E402

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

# %% a function that builds the model
keras.backend.clear_session()
np.random.seed(42)
keras.utils.set_random_seed(42)


def build_model(
    n_hidden: int = 1,
    n_neurons: int = 30,
    learning_rate: float = 3e-3,
    input_shape: list[int] = [8],  # noqa: B006
) -> keras.models.Sequential:
    """A regression network of the given depth and width."""
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(input_shape=input_shape))
    for _ in range(n_hidden):
        model.add(keras.layers.Dense(n_neurons, activation="relu"))
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
    model.compile(loss="mse", optimizer=optimizer)
    return model


assert build_model(n_hidden=2).count_params() == 8 * 30 + 30 + 30 * 30 + 30 + 30 + 1

# %% the model as a scikit-learn regressor
keras_reg = keras.wrappers.scikit_learn.KerasRegressor(build_model)

# %% train the regressor
keras_reg.fit(
    X_train,
    y_train,
    epochs=100,
    validation_data=(X_valid, y_valid),
    callbacks=[keras.callbacks.EarlyStopping(patience=10)],
)

# %% a random search
from scipy.stats import reciprocal
from sklearn.model_selection import RandomizedSearchCV

param_distribs = {
    "n_hidden": [0, 1, 2, 3],
    "n_neurons": np.arange(1, 100).tolist(),
    "learning_rate": reciprocal(3e-4, 3e-2).rvs(1000).tolist(),
}

rnd_search_cv = RandomizedSearchCV(keras_reg, param_distribs, n_iter=10, cv=3, verbose=2)
rnd_search_cv.fit(
    X_train,
    y_train,
    epochs=100,
    validation_data=(X_valid, y_valid),
    callbacks=[keras.callbacks.EarlyStopping(patience=10)],
)

# %% the best candidate
print(rnd_search_cv.best_params_, rnd_search_cv.best_score_)
assert set(rnd_search_cv.best_params_) == set(param_distribs)
assert rnd_search_cv.best_score_ < 0  # the score is the negative error
