import sys

import numpy as np
import pytest

from lamina.callbacks import OrbaxCheckpoint
from lamina.core.errors import MissingExtraError


def test_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "orbax.checkpoint.experimental", None)
    with pytest.raises(MissingExtraError, match=r"(?s)OrbaxCheckpoint needs.*'orbax-checkpoint'.*lamina\[orbax\]"):
        OrbaxCheckpoint("folder")


@pytest.mark.filterwarnings("ignore")  # of Orbax and what it imports
@pytest.mark.parametrize("background", [True, False])
def test_the_latest_checkpoints_are_kept(train, tmp_path, background):
    orbax = pytest.importorskip("orbax.checkpoint.experimental.v1")
    checkpoint = OrbaxCheckpoint(tmp_path, max_to_keep=2, save_on_background=background)
    model, _ = train(checkpoint, epochs=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", "3"]
    found = orbax.load_checkpointables(tmp_path / "3")
    assert set(found) == {"pytree", "model_config"}
    for variable in [*model.weights, *model.optimizer.variables]:
        group = "optimizer_variables" if variable in set(model.optimizer.variables) else "trainable_variables"
        place = found["pytree"][group]
        for part in variable.path.split("/"):
            place = place[part]
        np.testing.assert_array_equal(place, variable.numpy())


@pytest.mark.filterwarnings("ignore")
def test_batches_are_counted_by_the_optimizer(train, tmp_path):
    pytest.importorskip("orbax.checkpoint.experimental.v1")
    train(OrbaxCheckpoint(tmp_path, save_freq=2, max_to_keep=None, save_weights_only=True), epochs=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", "4", "6"]
