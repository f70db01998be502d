import pytest


@pytest.fixture
def ax():
    figure = pytest.importorskip("matplotlib.figure").Figure(layout="constrained")
    return figure.subplots()
