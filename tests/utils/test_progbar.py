import pytest

from lamina.utils import Progbar


def test_values_are_averaged_over_steps_until_the_end(capsys):
    bar = Progbar(4, verbose=2)
    bar.update(2, [("loss", 1.0)])
    bar.add(1, [("loss", 4.0)])
    assert capsys.readouterr().out == ""
    bar.update(4)
    assert capsys.readouterr().out.endswith(" - loss: 2.0000\n")


def test_which_values_are_averaged_can_be_told_both_ways(capsys):
    for arguments in ({"stateful_metrics": ["a"]}, {"stateless_metrics": ["b"]}):
        bar = Progbar(3, verbose=2, **arguments)
        bar.update(1, [("a", 1.0), ("b", 1.0)])
        bar.update(2, [("a", 3.0), ("b", 3.0)])
        bar.update(3)
        assert capsys.readouterr().out.endswith(" - a: 3.0000 - b: 2.0000\n")


def test_an_unknown_target_ends_when_it_is_said(capsys):
    bar = Progbar(None, verbose=2, unit_name="page")
    bar.update(5, [("x", 1.0)])
    assert capsys.readouterr().out == ""
    bar.update(5, [("x", 1.0)], finalize=True)
    assert "/page - x: 1.0000" in capsys.readouterr().out


def test_verbose_0_says_nothing(capsys):
    Progbar(1, verbose=0).update(1, [("x", 1.0)])
    assert capsys.readouterr().out == ""


def test_both_ways_at_once_are_refused():
    with pytest.raises(ValueError, match="stateful_metrics or stateless_metrics, not both"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])
