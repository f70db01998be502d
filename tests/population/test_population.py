import os
import signal
import threading

import numpy as np
import pytest

import lamina
from lamina import callbacks, layers
from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    ShapeError,
    UnexpectedArgumentError,
    UnknownAttributeError,
)
from lamina.population import Population
from lamina.training.loop import trace_count
from tests.population.networks import assert_same, build

RATES = [{"rate": 0.05}, {"rate": 0.01}, {"rate": 0.002}]


# -- members become what their models would become alone ---------------------------------------------------------------


@pytest.mark.parametrize(
    "common",
    [
        pytest.param({}, id="plain"),
        pytest.param({"dropout": 0.3}, id="dropout"),
        pytest.param({"l2": 0.01}, id="regularizer"),
        pytest.param({"normalized": True}, id="normalized"),
        pytest.param({"optimizer": "adam"}, id="adam"),
        pytest.param({"optimizer": "rmsprop", "activation": "tanh", "depth": 2}, id="deeper"),
    ],
)
def test_each_member_equals_the_model_alone(data, alone, common):
    candidates = [{**common, **rate} for rate in RATES]
    population = Population(build, candidates, seeds=[3, 4, 5])
    histories = population.fit(*data, epochs=3, batch_size=16, validation_split=0.2, verbose=0)
    for n, candidate in enumerate(candidates):
        model, history = alone(candidate, 3 + n, epochs=3, batch_size=16, validation_split=0.2)
        assert_same(population.members[n], histories[n], model, history)


@pytest.mark.usefixtures("optimized")
@pytest.mark.parametrize(
    ("count", "batch", "common"),
    [(1, 16, {}), (3, 16, {}), (3, 32, {"units": 64, "activation": "tanh"}), (3, 48, {"units": 30, "depth": 2})],
)
def test_histories_are_exactly_equal_where_nothing_is_padded(data, count, batch, common):
    candidates = [{**common, **rate} for rate in RATES[:count]]
    options = {"epochs": 3, "batch_size": batch, "validation_split": 0.2, "verbose": 0}
    population = Population(build, candidates, seeds=7)
    histories = population.fit(*data, **options)
    for n, candidate in enumerate(candidates):
        lamina.utils.set_random_seed(7)
        model = build(**candidate)
        expected = model.fit(*data, **options)
        assert histories[n].history == expected.history
        for got, wanted in zip(population.members[n].get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(got, wanted)


def test_without_seeds_all_draw_from_the_global_generator(data):
    lamina.utils.set_random_seed(11)
    population = Population(build, RATES[:1])
    histories = population.fit(*data, epochs=2, verbose=0)
    after = np.random.rand()
    lamina.utils.set_random_seed(11)
    model = build(**RATES[0])
    expected = model.fit(*data, epochs=2, verbose=0)
    assert_same(population.members[0], histories[0], model, expected)
    assert np.random.rand() == after


def test_seeds_leave_the_global_generators_alone(data):
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    Population(build, 2, seeds=[1, 2]).fit(*data, epochs=1, verbose=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_second_fit_goes_on(data, alone):
    population = Population(build, RATES, seeds=3)
    population.fit(*data, epochs=1, verbose=0)
    histories = population.fit(*data, epochs=3, initial_epoch=1, verbose=0)
    model, _ = alone(RATES[1], 3, epochs=1)
    expected = model.fit(*data, epochs=3, initial_epoch=1, verbose=0)
    assert_same(population.members[1], histories[1], model, expected)


def test_members_go_on_as_ordinary_models(data, alone):
    population = Population(build, RATES, seeds=3)
    population.fit(*data, epochs=1, verbose=0)
    model, _ = alone(RATES[2], 3, epochs=1)
    one = population.members[2]
    for each in (model, one):
        lamina.utils.set_random_seed(1)
        each.fit(*data, epochs=2, verbose=0)
    assert_same(one, one.history, model, model.history)


@pytest.mark.parametrize("normalized", [False, True])
def test_folds_are_rows_of_the_data(data, alone, normalized):
    order = np.random.default_rng(3).permutation(75)
    folds = [(order[25:], order[:25]), (order[:50], order[50:]), (order[10:], order[:10])]
    candidates = [{"normalized": normalized}] * 3
    population = Population(build, candidates, seeds=9)
    weights = np.linspace(0.5, 2, 75).astype("float32")
    histories = population.fit(*data, epochs=3, batch_size=16, folds=folds, sample_weight=weights, verbose=0)
    for n, (rows, held_out) in enumerate(folds):
        x, y = data
        lamina.utils.set_random_seed(9)
        model = build(**candidates[n])
        valid = (x[held_out], y[held_out], weights[held_out])
        expected = model.fit(x[rows], y[rows], 16, 3, 0, sample_weight=weights[rows], validation_data=valid)
        assert_same(population.members[n], histories[n], model, expected)


def test_folds_go_with_other_validation_data(data, alone):
    x, y = data
    folds = [(np.arange(10, 70), None), (np.arange(60), None)]
    histories = Population(build, 2, seeds=3).fit(
        x, y, epochs=2, folds=folds, validation_data=(x[:9], y[:9]), verbose=0
    )
    for n, (rows, _) in enumerate(folds):
        lamina.utils.set_random_seed(3)
        expected = build().fit(x[rows], y[rows], epochs=2, validation_data=(x[:9], y[:9]), verbose=0)
        np.testing.assert_allclose(histories[n].history["val_loss"], expected.history["val_loss"], rtol=1e-5)


def test_a_second_fit_after_early_stopping_goes_on_as_the_model_alone(data, alone):
    stopper = callbacks.EarlyStopping("loss", patience=0, min_delta=0.1)
    arguments = {"epochs": 6, "batch_size": 16, "validation_split": 0.3}
    population = Population(build, [{"rate": 1e-5}, {"rate": 0.05}], seeds=3)
    first = population.fit(*data, callbacks=[stopper], verbose=0, **arguments)
    assert len(first[0].epoch) < len(first[1].epoch)
    population.fit(*data, verbose=0, epochs=2)
    model, _ = alone({"rate": 1e-5}, 3, callbacks=[callbacks.EarlyStopping("loss", 0.1, 0)], **arguments)
    expected = model.fit(*data, verbose=0, epochs=2)
    assert_same(population.members[0], population.histories[0], model, expected)


def test_class_weights_and_separate_validation_data(data):
    def classifier(units):
        model = lamina.Sequential([lamina.Input((4,)), layers.Dense(units, "relu"), layers.Dense(3, "softmax")])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    x = data[0]
    y = (np.arange(75) % 3).astype("int32")
    arguments = {"epochs": 3, "class_weight": {0: 2.0, 1: 0.5}, "validation_data": (x[:20], y[:20]), "verbose": 0}
    candidates = [{"units": 5}, {"units": 5}, {"units": 8}]
    population = Population(classifier, candidates, seeds=[1, 2, 3])
    histories = population.fit(x, y, **arguments)
    for n, candidate in enumerate(candidates):
        lamina.utils.set_random_seed(n + 1)
        model = classifier(**candidate)
        assert_same(population.members[n], histories[n], model, model.fit(x, y, **arguments))
    weights = {"class_weight": {0: 9.0, 1: 0.1}, "sample_weight": np.linspace(0.5, 2, 75).astype("float32")}
    population.fit(x, y, folds=[(range(20, 75), range(20))] * 3, epochs=1, verbose=0, **weights)
    told = population.members[0].evaluate(x[:20], y[:20], sample_weight=weights["sample_weight"][:20], verbose=0)
    np.testing.assert_allclose(population.histories[0].history["val_loss"], told[0], rtol=1e-5)


def test_models_without_an_input_shape_and_several_inputs(data):
    def build(units):
        model = lamina.Sequential([layers.Dense(units, "relu"), layers.Dense(1)])
        model.compile(loss="mse", optimizer="sgd")
        return model

    population = Population(build, [{"units": 3}, {"units": 3}], seeds=[1, 2])
    histories = population.fit(*data, epochs=2, verbose=0)
    lamina.utils.set_random_seed(2)
    model = build(3)
    assert_same(population.members[1], histories[1], model, model.fit(*data, epochs=2, verbose=0))


def test_same_structure_is_compiled_once(data):
    def shaped(rate):
        return build(units=7, rate=rate, l2=0.1)

    Population(shaped, [{"rate": rate} for rate in (0.1, 0.2, 0.3)]).fit(*data, epochs=1, verbose=0)
    before = trace_count()
    Population(shaped, [{"rate": rate} for rate in (0.4, 0.5, 0.6)]).fit(*data, epochs=2, verbose=0)
    assert trace_count() == before


# -- early stopping ----------------------------------------------------------------------------------------------------


def test_each_member_stops_by_itself(data, alone):
    candidates = [{"rate": rate} for rate in (0.3, 0.1, 0.05, 1e-5, 0.2, 0.15, 0.01, 0.001, 0.25, 0.02)]

    def stopper():
        return callbacks.EarlyStopping(patience=2, min_delta=1e-3, restore_best_weights=True)

    arguments = {"epochs": 15, "batch_size": 16, "validation_split": 0.3}
    population = Population(build, candidates, seeds=3)
    given = stopper()
    histories = population.fit(*data, callbacks=[given], verbose=0, **arguments)
    lengths = [len(history.epoch) for history in histories]
    assert len(set(lengths)) > 1
    assert given.model is None
    for n, candidate in enumerate(candidates):
        model, expected = alone(candidate, 3, callbacks=[stopper()], **arguments)
        assert_same(population.members[n], histories[n], model, expected)
        assert population.status[n] == ("stopped early" if lengths[n] < 15 else "trained")


def test_a_loss_that_is_no_number_stops_its_member_alone(data, alone):
    candidates = [{"rate": 0.05}, {"rate": 1e30}, {"rate": 0.01}]
    population = Population(build, candidates, seeds=3)
    histories = population.fit(*data, epochs=3, verbose=0)
    assert population.status == ["trained", "diverged", "trained"]
    assert len(histories[1].epoch) == 1
    for n in (0, 2):
        assert_same(population.members[n], histories[n], *alone(candidates[n], 3, epochs=3))


# -- evaluate and predict ----------------------------------------------------------------------------------------------


def test_evaluate_and_predict_are_those_of_the_members(data):
    x, y = data
    population = Population(build, [{"units": 3}, {"units": 6}, {"units": 6, "normalized": True}])
    population.fit(x, y, verbose=0)
    found = population.evaluate(x, y)
    named = population.evaluate(x, y, return_dict=True)
    predicted = population.predict(x)
    assert predicted.shape == (3, 75, 1)
    for n, model in enumerate(population.members):
        np.testing.assert_allclose(found[n], model.evaluate(x, y, verbose=0), rtol=1e-5)
        assert named["mae"][n] == found[n][1]
        np.testing.assert_allclose(predicted[n], model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(population.predict(x[:3], batch_size=2), predicted[:, :3], rtol=1e-5, atol=1e-6)


def test_evaluate_on_folds(data):
    x, y = data
    population = Population(build, 2)
    folds = [(range(25, 75), range(25)), (range(50), range(50, 75))]
    found = population.evaluate(x, y, folds=folds)
    for n, (_, held_out) in enumerate(folds):
        held_out = np.array(held_out)
        np.testing.assert_allclose(found[n], population.members[n].evaluate(x[held_out], y[held_out], verbose=0), 1e-5)


def test_plan_tells_groups_memory_and_work(data):
    relu, tanh = {"units": 3, "activation": "relu"}, {"units": 3, "activation": "tanh"}
    candidates = [{**relu, "rate": 0.1}, {**relu, "rate": 0.2}, {**tanh, "rate": 0.2}]
    plan = Population(build, candidates).plan(data[0], epochs=10)
    assert [group.members for group in plan.groups] == [[0, 1], [2]]
    assert plan.groups[0].varying == {"rate": [0.1, 0.2]}
    assert plan.groups[0].common == {"units": 3, "activation": "relu"}
    assert plan.groups[0].weights == 4 * 3 + 3 + 3 + 1
    text = str(plan)
    assert "3 networks in 2 groups" in text
    assert "2: 1 network of" in text
    assert "nothing padded" in text
    assert "30 steps of every network" in text
    assert "KiB" in text or "bytes" in text


# -- faults ------------------------------------------------------------------------------------------------------------


def test_unknown_parameters_are_named_with_the_nearest():
    with pytest.raises(UnexpectedArgumentError, match=r"1 has the parameter 'unist'.*\n\nhint: did you mean units"):
        Population(build, [{"units": 2}, {"unist": 3}])


def test_missing_parameters_are_told():
    with pytest.raises(ArgumentTypeError, match=r"Candidate 0 does not fit .*missing a required argument: 'units'"):
        Population(lambda units: build(units), [{}])


def test_refused_candidates_are_named_and_the_others_go_on(data):
    with pytest.warns(UserWarning, match="refused candidate 1, {'units': -1}: ArgumentError: .*The others go on"):
        population = Population(build, [{"units": 2}, {"units": -1}, {"units": 3}])
    assert population.candidates == [{"units": 2}, {"units": 3}]
    assert [refusal.index for refusal in population.refused] == [1]
    folds = [(range(n, 50 + n), range(60, 70)) for n in range(3)]
    assert len(population.fit(*data, folds=folds, verbose=0)) == 2


def test_nothing_but_refusals_is_an_error():
    with pytest.raises(ArgumentError, match=r"refused every candidate, the first candidate 0, {'units': 0}"):
        Population(build, [{"units": 0}])


def _uncompiled():
    return lamina.Sequential([layers.Dense(1)])


@pytest.mark.parametrize(
    ("build", "candidates", "error", "message"),
    [
        (_uncompiled, 1, ArgumentError, "a model for candidate 0, {}, that is not compiled"),
        (lambda: 3, 1, ArgumentTypeError, "returned int for candidate 0"),
        (build, [], ArgumentError, "There are no candidates"),
        (build, [3], ArgumentTypeError, "candidates are a list of dicts"),
        (build, {"units": [2, 3]}, ArgumentTypeError, "candidates are a list of dicts"),
        (
            build(),
            2,
            ArgumentTypeError,
            r"Received: build=<Sequential.*\n\nhint: make the model inside of the function",
        ),
        (3, 1, ArgumentTypeError, "build is a function"),
    ],
)
def test_what_is_no_population(build, candidates, error, message):
    with pytest.raises(error, match=message):
        Population(build, candidates)


def test_seeds_are_one_per_candidate():
    assert len(Population(build, ({"units": n} for n in (1, 2)), seeds=range(2))) == 2
    with pytest.raises(ArgumentError, match="seeds has 3 entries, but there are 2 candidates"):
        Population(build, 2, seeds=[1, 2, 3])
    for wrong in (1.5, "42", [1, "a"]):
        with pytest.raises(ArgumentError, match="seed must be an integer or None"):
            Population(build, 2, seeds=wrong)


def test_one_model_for_two_candidates():
    model = build()
    with pytest.raises(ArgumentError, match="returned the model of candidate 0 again for candidate 1"):
        Population(lambda: model, 2)


def test_shared_layers_are_found(data):
    shared = layers.Dense(1)

    def build():
        model = lamina.Sequential([lamina.Input((4,)), shared])
        model.compile(loss="mse")
        return model

    with pytest.raises(ArgumentError, match="candidates 0 and 1 share the variable"):
        Population(build, 2).fit(*data, verbose=0)


def test_other_inputs_are_found(data):
    def build(features):
        model = lamina.Sequential([lamina.Input((features,)), layers.Dense(1)])
        model.compile(loss="mse")
        return model

    with pytest.raises(ArgumentError, match=r"candidate 1, .* inputs of shape \(None, 5\), but .* candidate 0"):
        Population(build, [{"features": 4}, {"features": 5}])
    with pytest.raises(ShapeError):
        Population(build, [{"features": 5}]).fit(*data, verbose=0)


@pytest.mark.parametrize(
    ("folds", "error", "message"),
    [
        ([(range(5), range(5))], ArgumentError, "folds has 1 entries, but there are 2 candidates"),
        ([3, 4], ArgumentError, "Fold 0 is 3, but a pair"),
        ([(range(5), range(5)), (range(70, 76), None)], DataError, "Row 75 is among the training rows of fold 1"),
        ([(range(5), []), (range(5), None)], DataError, "no rows in the validation rows of fold 0"),
        ([([0.5], None), (range(5), None)], ArgumentError, "the training rows of fold 0 are float64"),
    ],
)
def test_wrong_folds(data, folds, error, message):
    with pytest.raises(error, match=message):
        Population(build, 2).fit(*data, folds=folds, verbose=0)


def test_other_callbacks_and_streams_are_refused(data):
    population = Population(build, 2)
    with pytest.raises(ArgumentTypeError, match=r"takes EarlyStopping as callbacks.*TerminateOnNaN"):
        population.fit(*data, callbacks=[callbacks.TerminateOnNaN()], verbose=0)
    with pytest.raises(DataError, match="x is a source of batches"):
        population.fit(iter([data]), verbose=0)
    with pytest.raises(ArgumentError, match="folds and validation_split were given"):
        population.fit(*data, folds=[(range(9), None)] * 2, validation_split=0.2, verbose=0)
    with pytest.raises(ArgumentError, match="both say which rows to validate on"):
        population.fit(*data, folds=[(range(9), range(9, 12))] * 2, validation_data=data, verbose=0)
    with pytest.raises(ArgumentError, match="memory must be a finite number above 0"):
        Population(build, 2, memory=-1)
    with pytest.raises(UnexpectedArgumentError, match=r"no argument 'ephocs'[\s\S]*epochs"):
        population.fit(*data, ephocs=2)
    with pytest.raises(UnknownAttributeError, match=r"no 'Populaton'[\s\S]*Population"):
        _ = lamina.population.Populaton


def test_data_are_compared_with_every_model(data):
    def build(units):
        model = lamina.Sequential([lamina.Input((4,)), layers.Dense(units)])
        model.compile(loss="mse")
        return model

    with pytest.raises(DataError, match="compares them entry by entry") as caught:
        Population(build, [{"units": 1}, {"units": 2}]).fit(*data, verbose=0)
    assert caught.value.__notes__ == ["This is candidate 1, {'units': 2}; those before it take the data."]


def test_automatic_names_of_metrics_are_those_of_the_first_member(data):
    def build(metric):
        model = lamina.Sequential([lamina.Input((4,)), layers.Dense(1)])
        model.compile(loss="mse", metrics=[lamina.metrics.R2Score(), metric])
        return model

    population = Population(build, [{"metric": name} for name in ("mae", "mae", "mse")])
    histories = population.fit(*data, verbose=0)
    (r2,) = {name for history in histories for name in history.history} - {"loss", "mae", "mse"}
    logs = population.evaluate(*data, return_dict=True)
    assert np.isfinite(logs[r2]).all()
    assert np.isnan(logs["mse"]).tolist() == [True, True, False]
    np.testing.assert_array_equal(population.evaluate(*data, verbose=0)[:, 3], logs["mse"])


def test_metrics_of_several_values_make_no_table(data):
    def build():
        model = lamina.Sequential([lamina.Input((4,)), layers.Dense(1)])
        model.compile(loss="mse", metrics=[lamina.metrics.R2Score(None, name="each")])
        return model

    population = Population(build, 2)
    assert population.evaluate(*data, return_dict=True)["each"].shape == (2, 1)
    with pytest.raises(ArgumentError, match=r"The metric 'each' has 1 values for each member.*\n\nhint: .*return_dict"):
        population.evaluate(*data)


def test_outputs_that_cannot_be_stacked(data):
    def build(units):
        model = lamina.Sequential([lamina.Input((4,)), layers.Dense(units)])
        model.compile(loss="mse")
        return model

    with pytest.raises(ArgumentError, match="cannot be stacked"):
        Population(build, [{"units": 1}, {"units": 2}]).predict(data[0])


@pytest.mark.usefixtures("ctrl_c")
def test_control_c_returns_what_is_there(data):
    population = Population(build, RATES)
    population.fit(*data, verbose=0)
    presses = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    presses.start()
    with pytest.warns(UserWarning, match="interrupted"):
        histories = population.fit(*data, epochs=1_000_000, verbose=0)
    assert 0 < len(histories[0].epoch) < 1_000_000
    assert set(population.status) == {"interrupted"}
    assert population.members[0].fit(*data, verbose=0).epoch == [0]


def test_a_step_of_ones_own_gives_its_logs(data, capsys):
    class Own(lamina.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, batch):
            self.learn_from(batch)
            return {"fit": self.objective.loss_tracker.result()}

    def own():
        model = Own()
        model.compile(loss="mse", optimizer="sgd")
        return model

    histories = Population(own, 2, seeds=[1, 2]).fit(*data, epochs=2, verbose=2)
    lamina.utils.set_random_seed(2)
    np.testing.assert_allclose(histories[1].history["fit"], own().fit(*data, epochs=2, verbose=0).history["fit"], 1e-5)
    assert capsys.readouterr().out.splitlines()[0] == "epoch 1/2: 2 of 2 networks in training"
