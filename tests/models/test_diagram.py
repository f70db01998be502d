import lamina
from lamina.models.diagram import Contents, Edge, chart_of

layers = lamina.layers


def names(chart, ends):
    return {(chart.boxes[edge.source].title, chart.boxes[edge.target].title) for edge in ends}


def test_boxes_stand_behind_those_that_they_depend_on():
    left, right = lamina.Input((3,), name="left"), lamina.Input((3,), name="right")
    shared = layers.Dense(2, name="shared")
    model = lamina.Model([left, right], layers.add([shared(left), shared(right)], name="sum"))
    chart = chart_of(model, Contents())
    assert {box.title for box in chart.boxes} == {"left", "right", "shared", "sum"}
    assert names(chart, chart.edges) == {("left", "shared"), ("right", "shared"), ("shared", "sum")}
    assert all(edge.source < edge.target for edge in chart.edges)


def test_layers_that_are_called_again_make_cycles():
    x = lamina.Input((3,), name="x")
    a, b = layers.Dense(3, name="a"), layers.Dense(3, name="b")
    chart = chart_of(lamina.Model(x, a(b(a(a(x))))), Contents())
    titles = [box.title for box in chart.boxes]
    assert titles == ["x", "a", "b"]
    assert set(chart.edges) == {Edge(0, 1), Edge(1, 1), Edge(1, 2), Edge(2, 1)}


def test_models_inside_are_opened_with_their_ends():
    one, two = lamina.Input((3,), name="one"), lamina.Input((3,), name="two")
    early = layers.Dense(4, name="early")(one)
    inner = lamina.Model([one, two], [layers.concatenate([early, two], name="late"), early], name="inner")
    x = lamina.Input((3,), name="x")
    late, first = inner([x, x])
    model = lamina.Model(x, layers.concatenate([first, late], name="both"), name="outer")
    closed, opened = chart_of(model, Contents()), chart_of(model, Contents(nested=True))
    assert len(closed.edges) == 2
    assert set(opened.edges) == {Edge(0, 1, 0, 0), Edge(0, 1, 0, 1), Edge(1, 2, 1), Edge(1, 2, 0)}
    chart = opened.boxes[1].inner
    assert [chart.boxes[place].title for place, _ in chart.entries] == ["one", "two"]
    assert [chart.boxes[place].title for place, _ in chart.exits] == ["late", "early"]


def test_what_boxes_show():
    frozen = layers.Dense(2, activation="relu", name="d")
    model = lamina.Sequential([lamina.Input((3,)), frozen])
    frozen.trainable = False
    everything = Contents(shapes=True, dtype=True, activations=True, trainable=True)
    (box,) = chart_of(model, everything).boxes
    assert (box.title, box.remark, box.trainable) == ("d", " (Dense)", False)
    assert box.rows == [
        ("Activation", "relu"),
        ("Input shape", "(None, 3)"),
        ("Output shape", "(None, 2)"),
        ("Output dtype", "float32"),
    ]
    (plain,) = chart_of(model, Contents(names=False)).boxes
    assert (plain.title, plain.remark, plain.rows, plain.trainable) == ("Dense", "", [], None)


def test_functions_have_boxes():
    x = lamina.Input((3,), name="x")
    chart = chart_of(lamina.Model(x, lamina.ops.exp(x) * 2.0), Contents(names=False))
    assert [box.title for box in chart.boxes] == ["InputLayer", "Exp", "Multiply"]


def test_a_model_of_another_kind_is_one_box():
    class Own(lamina.Model):
        def call(self, inputs):
            return inputs

    model = Own(name="own")
    model.build((None, 3))
    chart = chart_of(model, Contents(shapes=True))
    assert [box.title for box in chart.boxes] == ["own"]
