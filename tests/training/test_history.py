import lamina


def test_history_holds_every_epoch(make_model, samples):
    model = make_model(metrics=["mae"])
    history = model.fit(samples.x, samples.values, epochs=3, verbose=0, validation_split=0.25)
    assert isinstance(history, lamina.callbacks.History)
    assert history is model.history
    assert history.model is model
    assert history.epoch == [0, 1, 2]
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert all(len(values) == 3 and all(type(v) is float for v in values) for values in history.history.values())
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 1}


def test_no_epochs_leave_an_empty_history(make_model, samples):
    model = make_model()
    before = model.get_weights()[0].tolist()
    history = model.fit(samples.x, samples.values, epochs=0, verbose=0)
    assert (history.epoch, history.history) == ([], {})
    assert model.get_weights()[0].tolist() == before


def test_a_second_fit_has_a_history_of_its_own(make_model, samples):
    model = make_model()
    first = model.fit(samples.x, samples.values, epochs=2, verbose=0)
    second = model.fit(samples.x, samples.values, epochs=3, initial_epoch=2, verbose=0)
    assert first is not second
    assert first.epoch == [0, 1]
    assert second.epoch == [2]


def test_ones_own_history_is_used(make_model, samples):
    mine = lamina.callbacks.History()
    assert make_model().fit(samples.x, samples.values, verbose=0, callbacks=[mine]) is mine


def test_values_that_a_callback_adds_are_kept(make_model, samples):
    class AddRate(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["rate"] = 0.5

    history = make_model().fit(samples.x, samples.values, epochs=2, verbose=0, callbacks=AddRate())
    assert history.history["rate"] == [0.5, 0.5]
