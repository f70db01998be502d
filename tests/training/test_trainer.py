import copy
import pickle
import threading

import jax.numpy as jnp
import numpy as np
import pytest

import lamina

# -- what counts as data -----------------------------------------------------------------------------------------------


def trained(make_model, x, y, **arguments):
    model = make_model()
    history = model.fit(x, y, epochs=2, verbose=0, **arguments)
    return [*model.get_weights(), history.history["loss"], model.predict(x, verbose=0)]


def assert_close(ours, theirs):
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "convert",
    [np.ndarray.tolist, jnp.asarray, lambda a: a.astype("float64"), np.asfortranarray, lambda a: a.astype(object)],
    ids=["list", "jax", "float64", "fortran", "object"],
)
def test_kinds_of_arrays(make_model, samples, convert):
    expected = trained(make_model, samples.x, samples.values)
    assert_close(trained(make_model, convert(samples.x), convert(samples.values)), expected)


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint8", "bool", "float16"])
def test_kinds_of_numbers(make_model, samples, dtype):
    x = (samples.x > 0).astype(dtype)
    expected = trained(make_model, x.astype("float32"), samples.values)
    assert_close(trained(make_model, x, samples.values), expected)


def test_data_frames(make_model, samples):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(samples.x, columns=["a", "b", "c"])
    target = pandas.Series(samples.values[:, 0], name="value")
    expected = trained(make_model, samples.x, samples.values)
    assert_close(trained(make_model, frame, target), expected)
    assert_close(trained(make_model, frame, target.to_frame()), expected)


def test_a_list_of_one_array_is_that_array(make_model, samples):
    expected = trained(make_model, samples.x, samples.values)
    assert_close(trained(make_model, [samples.x], [samples.values]), expected)


def test_training_leaves_the_data_alone(make_model, samples):
    x, y = samples.x.copy(), samples.values.copy()
    make_model().fit(x, y, epochs=2, verbose=0, sample_weight=np.ones(40), class_weight=None)
    assert np.array_equal(x, samples.x)
    assert np.array_equal(y, samples.values)


def test_weights_of_examples_and_classes_multiply(make_classifier, samples):
    weights, factors = np.linspace(0.5, 2, 40), {0: 2.0, 2: 0.25}
    both = weights * np.array([factors.get(label, 1.0) for label in samples.classes])
    found = []
    for arguments in ({"sample_weight": weights, "class_weight": factors}, {"sample_weight": both}):
        model = make_classifier()
        found.append(model.fit(samples.x, samples.classes, verbose=0, **arguments).history["loss"])
    assert found[0] == pytest.approx(found[1], rel=1e-6)


# -- one batch ---------------------------------------------------------------------------------------------------------


def test_each_batch_has_metrics_of_its_own(make_model, samples):
    model = make_model(metrics=["mae"])
    first = model.test_on_batch(samples.x[:10], samples.values[:10])
    model.test_on_batch(samples.x[10:], samples.values[10:])
    assert model.test_on_batch(samples.x[:10], samples.values[:10]) == first
    assert model.test_on_batch(samples.x[:10], samples.values[:10], return_dict=True) == dict(
        zip(["loss", "mae"], first, strict=True)
    )


def test_a_single_value_is_no_list(make_model, samples):
    model = make_model()
    assert type(model.train_on_batch(samples.x, samples.values)) is float
    assert type(model.evaluate(samples.x, samples.values, verbose=0)) is float


def test_training_on_a_batch_is_an_epoch_of_one_batch(make_model, samples):
    one, other = make_model(), make_model()
    loss = one.train_on_batch(samples.x, samples.values)
    history = other.fit(samples.x, samples.values, batch_size=40, shuffle=False, verbose=0)
    assert history.history["loss"] == pytest.approx([loss], rel=1e-6)
    assert_close(one.get_weights(), other.get_weights())


# -- compile -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "sparse_crossentropy"}, "'sparse_crossentropy' is not the name of a loss.*sparse_categorical_cross"),
        ({"loss": "mse", "metrics": ["acuracy"]}, "'acuracy' is not the name of a metric.*did you mean accuracy"),
        ({"loss": "mse", "weighted_metrics": ["maee"]}, "'maee' is not the name of a metric.*did you mean mae"),
        ({"loss": "mse", "optimizer": "adamm"}, "'adamm' is not the name of an optimizer.*did you mean adam"),
    ],
)
def test_unknown_names(samples, arguments, message):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    with pytest.raises(ValueError, match=rf"(?s){message}"):
        model.compile(**arguments)


def test_unknown_activations():
    with pytest.raises(ValueError, match=r"(?s)'rellu' is not the name of an activation.*did you mean relu"):
        lamina.layers.Dense(1, activation="rellu")


def test_frozen_layers_stay(make_model, samples):
    model = make_model(lamina.layers.Dense(4))
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(samples.x, samples.values, verbose=0)
    after = model.get_weights()
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])


def test_what_is_frozen_is_fixed_by_compile(make_model, samples):
    model = make_model()
    model.layers[0].trainable = False
    before = model.get_weights()[0]
    model.fit(samples.x, samples.values, verbose=0)
    assert not np.array_equal(before, model.get_weights()[0])


def test_a_model_keeps_training_where_it_was(make_model, samples):
    whole, parts = make_model(optimizer="adam"), make_model(optimizer="adam")
    data = (samples.x, samples.values)
    whole.fit(*data, epochs=4, shuffle=False, verbose=0)
    for _ in range(4):
        parts.fit(*data, shuffle=False, verbose=0)
    assert_close(whole.get_weights(), parts.get_weights())
    assert int(whole.optimizer.iterations) == int(parts.optimizer.iterations) == 8


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_train_alike(make_model, samples, duplicate):
    model = make_model(optimizer="adam")
    model.fit(samples.x, samples.values, verbose=0)
    twin = duplicate(model)
    for one in (model, twin):
        one.fit(samples.x, samples.values, shuffle=False, verbose=0)
    assert_close(model.get_weights(), twin.get_weights())


# -- threads -----------------------------------------------------------------------------------------------------------


def test_two_threads_train_two_models(make_model, samples):
    def train(model):
        model.fit(samples.x, samples.values, batch_size=4, epochs=20, shuffle=False, verbose=0)
        return model.get_weights()

    def build():
        lamina.utils.set_random_seed(0)
        return [make_model(lamina.layers.Dense(width, activation="tanh"), seed=width) for width in (4, 6)]

    alone = [train(model) for model in build()]
    together = [None, None]

    def run(place, model):
        together[place] = train(model)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(build())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# -- subclasses --------------------------------------------------------------------------------------------------------


def test_a_loss_of_the_models_own(samples):
    class Doubled(lamina.Sequential):
        def compute_loss(self, **arguments):
            return 2 * super().compute_loss(**arguments)

    losses = []
    for kind in (lamina.Sequential, Doubled):
        lamina.utils.set_random_seed(1)
        model = kind([lamina.Input((3,)), lamina.layers.Dense(1)])
        model.compile(lamina.optimizers.SGD(0.0), "mse")
        losses.append(model.fit(samples.x, samples.values, verbose=0).history["loss"][0])
    assert losses[1] == pytest.approx(2 * losses[0], rel=1e-5)
