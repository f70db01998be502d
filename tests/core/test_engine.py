"""What lamina sets in JAX, and what it leaves to the user."""

from pathlib import Path

import jax
import pytest

from lamina.core.engine import use_compilation_cache

FOLDER = "jax_compilation_cache_dir"
LEAST_SECONDS = "jax_persistent_cache_min_compile_time_secs"


@pytest.fixture(autouse=True)
def settings():
    """JAX's settings as they are without a user's, and afterwards as they were."""
    before = {name: getattr(jax.config, name) for name in (FOLDER, LEAST_SECONDS)}
    jax.config.update(FOLDER, None)
    jax.config.update(LEAST_SECONDS, 1.0)
    yield
    for name, value in before.items():
        jax.config.update(name, value)


def test_programs_of_small_networks_are_kept_in_the_folder_that_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("LAMINA_PROGRAM_CACHE", str(tmp_path))
    use_compilation_cache()
    folder = Path(getattr(jax.config, FOLDER))
    assert folder.parent == tmp_path
    assert folder.is_dir()
    assert getattr(jax.config, LEAST_SECONDS) < 0.1


def test_a_folder_of_the_users_own_stays(monkeypatch, tmp_path):
    monkeypatch.setenv("LAMINA_PROGRAM_CACHE", str(tmp_path / "other"))
    jax.config.update(FOLDER, str(tmp_path))
    use_compilation_cache()
    assert getattr(jax.config, FOLDER) == str(tmp_path)
    assert getattr(jax.config, LEAST_SECONDS) == 1.0


@pytest.mark.parametrize("place", ["", "file"])
def test_without_a_folder_nothing_is_kept(place, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAMINA_PROGRAM_CACHE", place and str(tmp_path / place))
    use_compilation_cache()
    assert getattr(jax.config, FOLDER) is None
