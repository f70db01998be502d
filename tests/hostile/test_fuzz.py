"""Files that were damaged at random: only lamina's own errors come out; `benchmarks/fuzz_loading.py` tries more."""

import importlib.util
import resource
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz_loading.py"


def test_only_errors_of_lamina_come_out_of_damaged_files(tmp_path):
    spec = importlib.util.spec_from_file_location("fuzz_loading", PLACE)
    fuzzing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzing)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faults, loaded = fuzzing.fuzz(300, 7, tmp_path, seconds=30)  # on a busy machine; the benchmark allows two
    assert faults == []
    assert 0 < loaded < 150
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < fuzzing.BYTES
