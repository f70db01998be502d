"""`model.summary()` prints, character by character, what Keras prints for the same model."""

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")


def classifier(framework, name="classifier"):
    layers = framework.layers
    return framework.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(name="flatten"),
            layers.Dense(300, activation="relu", name="hidden1"),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name=name,
    )


def unbuilt(framework):
    layers = framework.layers
    return framework.Sequential([layers.Flatten(name="flatten"), layers.Dense(3, name="output")], name="unbuilt")


def built_later(framework):
    model = unbuilt(framework)
    model.build((None, 5, 2))
    return model


def empty(framework):
    return framework.Sequential(name="empty")


def input_only(framework):
    return framework.Sequential([framework.layers.Input((3,))], name="input_only")


def frozen(framework):
    model = classifier(framework)
    model.layers[1].trainable = False
    return model


def compiled(framework):
    model = classifier(framework)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def trained(framework):
    model = compiled(framework)
    model.fit(np.zeros((4, 28, 28), "float32"), np.zeros(4), verbose=0)
    return model


def trained_when_unbuilt(framework):
    model = unbuilt(framework)
    model.compile("sgd", "mse")
    model.fit(np.zeros((5, 4, 2), "float32"), np.zeros((5, 3)), batch_size=2, verbose=0)
    return model


def called(framework):
    model = unbuilt(framework)
    model(np.zeros((5, 4, 2), "float32"))
    return model


def nested(framework):
    layers = framework.layers
    inner = classifier(framework)
    return framework.Sequential(
        [layers.Input((28, 28)), layers.Rescaling(1 / 255, name="scale"), inner, layers.Dense(2, name="last")],
        name="outer",
    )


def nested_without_input(framework):
    model = framework.Sequential([unbuilt(framework), framework.layers.Dense(2, name="last")], name="outer")
    model.build((None, 4, 2))
    return model


def images(framework):
    return framework.Sequential(
        [framework.layers.Input((None, None, 3)), framework.layers.Dense(8, name="pixelwise")], name="images"
    )


def normalizing(framework):
    layers = framework.layers
    stack = [layers.Input((8,)), layers.Normalization(name="norm"), layers.Reshape((2, 4), name="reshape")]
    return framework.Sequential(stack, name="normalizing")


def odd_names(framework):
    layers = framework.layers
    return framework.Sequential([layers.Input((2,)), layers.Dense(1, name="[red]x")], name="[bold]m")


def popped(framework):
    model = classifier(framework)
    model.pop()
    return model


def subclassed(framework):
    class Net(framework.Model):
        def __init__(self):
            super().__init__(name="net")
            self.hidden = framework.layers.Dense(4, name="hidden")
            self.head = framework.layers.Dense(1, name="head")

        def call(self, x):
            return self.head(self.hidden(x))

    return Net()


def subclassed_trained(framework):
    model = subclassed(framework)
    model.compile("adam", "mse")
    model.fit(np.zeros((5, 3), "float32"), np.zeros((5, 1)), batch_size=2, verbose=0)
    return model


MODELS = [
    *(classifier, unbuilt, built_later, empty, input_only, frozen, compiled, trained, trained_when_unbuilt, called),
    *(nested, nested_without_input, images, normalizing, odd_names, popped, subclassed, subclassed_trained),
]


def text(model, **options):
    printed = []
    model.summary(print_fn=printed.append, **options)
    (found,) = printed
    return found


@pytest.mark.parametrize("columns", ["80", "50", "200"])
@pytest.mark.parametrize("make", MODELS)
def test_the_text_of_keras(make, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert text(make(lamina)) == text(make(keras))


@pytest.mark.parametrize(
    "options",
    [
        {"show_trainable": True},
        {"expand_nested": True},
        {"expand_nested": True, "show_trainable": True},
        {"line_length": 60},
        {"line_length": 120, "positions": [0.5, 0.7, 1.0]},
        {"line_length": 100, "positions": [0.5, 0.7, 1.0], "show_trainable": True},
        {"layer_range": ("scale", "classifier")},
        {"layer_range": ("last", "scale")},
        {"layer_range": (".*s", ".*s")},
    ],
    ids=str,
)
def test_the_options_of_keras(options, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    ours, theirs = nested(lamina), nested(keras)
    ours.layers[1].layers[1].trainable = theirs.layers[1].layers[1].trainable = False
    assert text(ours, **options) == text(theirs, **options)


def test_the_standard_output_of_keras(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    trained(lamina).summary()
    ours = capsys.readouterr().out
    trained(keras).summary()
    assert ours == capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [{"layer_range": ["nowhere", "last"]}, {"layer_range": ["last"]}, {"line_length": 10}], ids=str
)
def test_what_keras_refuses(options):
    for framework in (lamina, keras):
        with pytest.raises(ValueError, match=r".+"):
            nested(framework).summary(print_fn=len, **options)
