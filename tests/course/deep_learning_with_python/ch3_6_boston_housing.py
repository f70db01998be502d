"""Chapter 3.6 of the deep-learning book: the price of a house, a regression."""
# ruff: noqa: E402

# %% load the houses
from lamina.datasets import boston_housing

(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
assert train_data.shape[1] == test_data.shape[1] == 13

# %% standardize the features
mean = train_data.mean(axis=0)
train_data -= mean
std = train_data.std(axis=0)
train_data /= std
test_data -= mean
test_data /= std

# %% a function that builds the model
from lamina import layers, models


def build_model() -> models.Sequential:
    """The notes stop before the output layer; they never train this model."""
    model = models.Sequential()
    model.add(layers.Dense(64, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(64, activation="relu"))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


assert build_model().count_params() == 13 * 64 + 64 + 64 * 64 + 64
