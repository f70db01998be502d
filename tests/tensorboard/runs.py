"""Small trainings that write logs of all kinds for TensorBoard."""

import numpy as np

import lamina

LABELS = ["house", "boat", "tree", "car", "bird"]


def wide_and_deep():
    wide, deep = lamina.Input((4,), name="wide"), lamina.Input((3,), name="deep")
    hidden = lamina.layers.Dense(6, activation="relu", name="hidden1")(deep)
    hidden = lamina.layers.Dense(6, activation="relu", name="hidden2")(hidden)
    joined = lamina.layers.concatenate([wide, hidden], name="joined")
    outputs = [lamina.layers.Dense(1, name="main")(joined), lamina.layers.Dense(1, name="aux")(hidden)]
    return lamina.Model([wide, deep], outputs, name="wide_and_deep")


def train_wide_and_deep(folder, epochs=3, rate=0.01):
    model = wide_and_deep()
    model.compile(lamina.optimizers.SGD(rate), ["mse", "mse"], loss_weights=[0.9, 0.1], metrics=["mae", "mae"])
    rng = np.random.default_rng(0)
    x, y = [rng.normal(size=(64, 4)), rng.normal(size=(64, 3))], rng.normal(size=(64, 1))
    callback = lamina.callbacks.TensorBoard(
        folder, histogram_freq=1, write_images=True, update_freq=2, write_steps_per_second=True, profile_batch=(2, 3)
    )
    return model.fit(x, [y, y], batch_size=16, epochs=epochs, validation_split=0.25, callbacks=[callback], verbose=0)


def train_embedding(folder):
    layers = lamina.layers
    stack = [lamina.Input((2,), name="rows"), layers.Embedding(5, 3, name="words"), layers.Flatten(name="flat")]
    words = lamina.Sequential([*stack, layers.Dense(1, name="score")], name="reader")
    words.compile("sgd", "mse")
    callback = lamina.callbacks.TensorBoard(folder, embeddings_freq=1, embeddings_metadata={"words": LABELS})
    rows = np.arange(20).reshape(10, 2) % 5
    words.fit(rows, np.ones((10, 1)), epochs=1, callbacks=[callback], verbose=0)
    return np.asarray(words.get_layer("words").embeddings)


def write_by_hand(folder):
    summary = lamina.summary
    with summary.create_file_writer(folder).as_default(step=5):
        summary.scalar("by/hand", 0.5)
        summary.scalar("by/hand", 0.25, step=6, description="a *number*")
        summary.image("pictures", np.linspace(0, 1, 2 * 4 * 3).reshape(2, 4, 3, 1))
        summary.histogram("numbers", [0.0, 1.0, 1.0, 2.0], buckets=2)
        summary.text("notes", "**bold** words")
        summary.hparams({"units": 16, "rate": np.float32(0.5), "optimizer": "sgd", "nesterov": True})
        summary.graph(wide_and_deep())
        summary.embedding("digits", np.eye(3), labels=["a", "b", "c"], images=np.ones((3, 2, 2)))


def train_population(folder):
    def build(units, rate, start):
        start = {} if start is None else {"kernel_initializer": start}
        model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(units), lamina.layers.Dense(1, **start)])
        model.compile(lamina.optimizers.SGD(rate), "mse")
        return model

    candidates = [{"units": 2, "rate": rate, "start": start} for rate in (0.1, 0.01) for start in (None, "zeros")]
    population = lamina.population.Population(build, candidates, seeds=1)
    population.fit(np.eye(2), np.ones(2), epochs=2, verbose=0)
    with lamina.summary.create_file_writer(folder).as_default():
        lamina.summary.search(population, most_runs=2)
    return population


def damage_a_run(folder):
    """A whole record, and then bytes that are none."""
    with lamina.summary.create_file_writer(folder) as writer:
        lamina.summary.scalar("kept", 1.0, step=0)
    with open(writer.path, "ab") as file:
        file.write(b"these bytes are no record of an event")
