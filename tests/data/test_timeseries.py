import numpy as np
import pytest

from lamina.data.timeseries import timeseries_dataset_from_array

SERIES = np.arange(20)


def test_windows_slide_and_targets_belong_to_their_starts():
    data = timeseries_dataset_from_array(SERIES, SERIES * 10, 3, batch_size=4)
    x, y = next(iter(data))
    assert x.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert y.tolist() == [0, 10, 20, 30]
    assert sum(len(x) for x, _ in data) == 18


def test_stride_rate_and_ends():
    data = timeseries_dataset_from_array(
        SERIES, None, 3, sequence_stride=4, sampling_rate=2, batch_size=None, start_index=2, end_index=18
    )
    assert [x.tolist() for x in data] == [[2, 4, 6], [6, 8, 10], [10, 12, 14]]
    assert len(data) == 3


def test_steps_may_have_features_and_the_order_may_be_shuffled():
    series = np.stack([SERIES, -SERIES], 1)
    data = timeseries_dataset_from_array(series, None, 5, shuffle=True, seed=1)
    first, second = next(iter(data)), next(iter(data))
    assert first.shape == (16, 5, 2)
    assert first[:, 0, 0].tolist() != second[:, 0, 0].tolist()
    assert sorted(first[:, 0, 0].tolist()) == list(range(16))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sequence_length": 0}, "sequence_length must be a positive integer"),
        ({"sequence_length": 21}, "20 steps have no window of 21"),
        ({"sequence_length": 3, "sampling_rate": 0}, "sampling_rate"),
        ({"sequence_length": 3, "sampling_rate": 20}, "sampling_rate must be below the 20 steps"),
        ({"sequence_length": 3, "sequence_stride": -1}, "sequence_stride"),
        ({"sequence_length": 3, "start_index": 20}, r"from 0 to 19.*start_index=20"),
        ({"sequence_length": 3, "start_index": -1}, "start_index=-1"),
        ({"sequence_length": 3, "start_index": 5, "end_index": 5}, "above start_index=5"),
        ({"sequence_length": 3, "end_index": 20}, r"below the 20 steps.*end_index=20"),
        ({"sequence_length": 3, "format": "torch"}, "format must be one of"),
        ({"sequence_length": 3, "batch_size": 0}, "batch_size"),
        ({"sequence_length": 3, "seed": "a"}, "seed must be an integer, 0 or above. Received: seed='a'"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        timeseries_dataset_from_array(SERIES, None, **arguments)
