"""What a process keeps beside models: names that were given out, and compiled programs."""

from lamina.core.naming import reset_names
from lamina.training.loop import clear_programs


def clear_session(free_memory: bool = True) -> None:
    """Forgets names that were given out, so that the next layers are called `dense`, `dense_1` … again.

    Models that exist go on working.

    Args:
        free_memory: whether to drop compiled programs, too, once there are very many. Programs are
            shared by structure, so building the same network again needs no new one.
    """
    reset_names()
    if free_memory:
        clear_programs(keep=128)
