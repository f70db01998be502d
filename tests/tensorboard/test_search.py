import math
from types import SimpleNamespace

import pytest

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.tensorboard import write_search
from lamina.tensorboard.search import trials_of

pytest.importorskip("tensorboard")


def runs(folder):
    return sorted(path.name for path in folder.glob("trial_*"))


def test_many_trials_are_quantiles_and_few_are_not(tmp_path):
    trials = [({"n": n}, {"loss": [1.0 + n, 1.0 / (n + 1)]}) for n in range(30)]
    write_search(tmp_path / "many", trials, most_runs=3)
    assert runs(tmp_path / "many") == ["trial_27", "trial_28", "trial_29"]
    assert len(list((tmp_path / "many" / "quantiles").iterdir())) == 5
    write_search(tmp_path / "few", trials[:3], most_runs=3)
    assert runs(tmp_path / "few") == ["trial_0", "trial_1", "trial_2"]
    assert not (tmp_path / "few" / "quantiles").exists()


def test_scores_are_best_when_large_and_what_diverged_comes_last(tmp_path):
    results = {
        "params": [{"depth": 1}, {"depth": 2}, {"depth": 3}],
        "mean_test_score": [0.5, math.nan, 0.75],
        "std_test_score": [0.1, math.nan, 0.2],
        "rank_test_score": [2, 3, 1],
    }
    fitted = SimpleNamespace(cv_results_=results)
    assert trials_of(fitted)[2].logs == {"mean_test_score": [0.75], "std_test_score": [0.2]}
    write_search(tmp_path / "one", fitted, most_runs=1)
    assert runs(tmp_path / "one") == ["trial_2"]
    write_search(tmp_path / "two", fitted, most_runs=2)
    assert runs(tmp_path / "two") == ["trial_0", "trial_2"]


def test_the_monitored_log_can_be_chosen(tmp_path):
    trials = [({"n": n}, {"loss": [n], "val_accuracy": [n / 10]}) for n in range(4)]
    write_search(tmp_path, trials, most_runs=1, monitor="val_accuracy")
    assert runs(tmp_path) == ["trial_3"]


@pytest.mark.parametrize(
    ("search", "options", "error", "message"),
    [
        (3, {}, ArgumentTypeError, "A search is a trained Population.* Received: int"),
        ([], {}, ArgumentError, "The search has no results yet"),
        ([({"n": 1}, {})], {}, ArgumentError, "The search has no results yet"),
        ([({"n": 1}, {"loss": [1]})], {"monitor": "los"}, ArgumentError, "The search has no log 'los'"),
        ([({"n": 1}, {"loss": [1]})], {"most_runs": -1}, ArgumentError, "most_runs"),
    ],
)
def test_what_is_no_search_is_told(tmp_path, search, options, error, message):
    with pytest.raises(error, match=message):
        write_search(tmp_path / "none", search, **options)
    assert not (tmp_path / "none").exists()
