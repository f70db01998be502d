import pytest

from lamina.core.errors import ArgumentError
from lamina.data.py_dataset import PyDataset, Sequence


@pytest.mark.parametrize("arguments", [{"workers": 0}, {"max_queue_size": 0}])
def test_numbers_are_positive(arguments):
    with pytest.raises(ArgumentError, match=r"must be a positive integer. Received: (workers|max_queue_size)=0"):
        PyDataset(**arguments)


def test_what_has_to_be_defined():
    class Nothing(PyDataset):
        pass

    with pytest.raises(NotImplementedError, match=r"Nothing has to define __getitem__\(self, index\)"):
        Nothing()[0]
    with pytest.raises(NotImplementedError, match=r"Nothing has to define __len__\(self\) or num_batches"):
        len(Nothing())


def test_the_old_name():
    assert Sequence is PyDataset
