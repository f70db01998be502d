import threading

import numpy as np
import pytest

import lamina
from lamina.data.dataset import Dataset, made_ahead


def rows(count, batch_size=None, **arguments):
    x = np.arange(float(count))
    return Dataset.from_rows(lambda places: (x[places, None], x[places]), count, batch_size, **arguments)


def test_batches_come_in_order_again_and_again():
    data = rows(5, 2)
    for _ in range(2):
        assert [y.tolist() for _, y in data] == [[0, 1], [2, 3], [4]]
    assert len(data) == data.cardinality() == 3


def test_single_samples_have_no_batch_axis():
    x, y = next(iter(rows(3)))
    assert (x.shape, y.shape) == ((1,), ())
    assert len(rows(3)) == 3


def test_each_pass_has_an_order_of_its_own_and_the_seed_tells_which():
    first, second = ([[y.item() for _, y in data] for _ in range(3)] for data in (rows(20, shuffle=True, seed=1),) * 2)
    other = rows(20, shuffle=True, seed=1)
    assert [[y.item() for _, y in other] for _ in range(3)] == first
    assert first[0] != first[1]
    assert sorted(first[0]) == list(range(20))
    assert second[0] not in first


def test_a_seed_that_is_left_out_comes_from_numpys_generator():
    np.random.seed(3)
    one = [y.item() for _, y in rows(20, shuffle=True)]
    two = [y.item() for _, y in rows(20, shuffle=True)]
    np.random.seed(3)
    assert [y.item() for _, y in rows(20, shuffle=True)] == one != two


def test_map_take_skip_batch_unbatch():
    data = rows(10, 4).map(lambda x, y: (x * 10, y))
    assert next(iter(data))[0].tolist() == [[0], [10], [20], [30]]
    assert [y.tolist() for _, y in data.take(1)] == [[0, 1, 2, 3]]
    assert [y.tolist() for _, y in data.skip(2)] == [[8, 9]]
    assert (len(data.take(5)), len(data.skip(1)), len(data.skip(9))) == (3, 2, 0)
    again = data.unbatch().batch(3)
    assert [y.tolist() for _, y in again] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert len(rows(10).batch(4)) == 3
    assert [len(y) for _, y in rows(10).batch(4, drop_remainder=True)] == [4, 4]
    assert len(rows(10).batch(4, drop_remainder=True)) == 2


def test_a_length_that_is_not_known_says_so():
    data = rows(4, 2).unbatch()
    assert data.cardinality() == -2
    with pytest.raises(TypeError, match="only when it is read"):
        len(data)


def test_names_and_paths_stay_with_what_is_made_of_a_data_set():
    data = rows(4, 2)
    data.class_names, data.file_paths = ["a"], ["b"]
    made = data.map(lambda x, y: x).take(1).prefetch(3)
    assert (made.class_names, made.file_paths) == (["a"], ["b"])


def test_batches_are_not_batched_once_more():
    with pytest.raises(ValueError, match=r"(?s)batches of 2 already.*unbatch"):
        rows(4, 2).batch(3)


@pytest.mark.parametrize("call", [lambda d: d.batch(0), lambda d: d.take(-1), lambda d: d.skip(1.5)])
def test_numbers_that_are_none_are_refused(call):
    with pytest.raises(ValueError, match="must be"):
        call(rows(4))


def test_elements_are_made_by_another_thread_and_only_a_few_ahead():
    made = []

    def elements():
        for number in range(10):
            made.append(threading.current_thread())
            yield number

    iterator = made_ahead(elements(), 2)
    assert next(iterator) == 0
    assert threading.current_thread() not in made
    assert len(made) <= 4
    assert list(iterator) == list(range(1, 10))


def test_a_fault_in_the_thread_is_raised_where_the_element_is_asked_for():
    def elements():
        yield 1
        raise OSError("gone")

    iterator = made_ahead(elements(), 2)
    assert next(iterator) == 1
    with pytest.raises(OSError, match="gone"):
        next(iterator)


@pytest.fixture
def model():
    model = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    return model


def test_fit_trains_on_a_data_set_as_on_its_arrays(model):
    x = np.arange(6.0) / 6
    data = Dataset.from_rows(lambda places: (x[places, None], x[places]), 6, 2)
    one = model.fit(data, epochs=2, verbose=0).history["loss"]
    twin = lamina.Sequential([lamina.Input((1,)), lamina.layers.Dense(1, kernel_initializer="zeros")])
    twin.compile("sgd", "mse")
    assert one == pytest.approx(twin.fit(x[:, None], x, 2, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert model.evaluate(data, verbose=0) == pytest.approx(twin.evaluate(x[:, None], x, verbose=0))
    np.testing.assert_allclose(model.predict(data, verbose=0), twin.predict(x[:, None], verbose=0), atol=1e-6)


def test_fit_makes_batches_of_single_samples(model):
    history = model.fit(rows(70), validation_data=rows(40), verbose=0)
    assert history.params["steps"] == 3
    assert np.isfinite(history.history["val_loss"]).all()
