"""Snapshots of training: a run that was killed goes on as if it had not been."""

import contextlib
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lamina.core.errors import ArgumentError, FileError, LaminaError
from lamina.core.files import failure
from lamina.core.tracebacks import warn_user
from lamina.core.validate import positive_int
from lamina.training.hooks import Callback
from lamina.training.run import Run
from lamina.training.snapshot import encode_snapshot, read_snapshot, write_snapshot


class BackupAndRestore(Callback):
    """Keeps a snapshot of the training in a folder, and goes on from it when training begins again.

    A snapshot holds weights, the optimizer, random generators, the order of the data, epoch and step,
    running metrics and the states of all callbacks; so a run that was killed and started again, with the same
    model, data and arguments, ends with the weights and the history of one that was not. It is taken when
    all other callbacks have been told, the first one before the first epoch, and written by a thread of its own.

    Sources of batches have to give again what they gave: a plain generator is run, and what was used dropped.

    Args:
        backup_dir: the folder, made if it is missing; for one training alone.
        save_freq: `"epoch"`; or a number of batches, which cuts the compiled loop there and nowhere else;
            or `False` to take no snapshots, only to go on from one.
        double_checkpoint: whether to keep the last snapshot but one, too, should the last be damaged.
        delete_checkpoint: whether the snapshot is deleted when training has ended.

    Raises:
        ArgumentError: for arguments out of range.
        DataError: when training begins, if the snapshot is of another model or other data; says what differs.
        FileError: when training begins, if the snapshot cannot be read, and in training, if it cannot be written.

    Example:
        >>> import tempfile
        >>> import lamina
        >>> def train(epochs):
        ...     model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(1)])
        ...     model.compile("adam", "mse")
        ...     backup = lamina.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
        ...     return model.fit(np.ones((8, 2)), np.ones(8), epochs=epochs, callbacks=[backup], verbose=0)
        >>> folder = tempfile.mkdtemp()
        >>> train(epochs=2).epoch, train(epochs=4).epoch
        ([0, 1], [0, 1, 2, 3])
    """

    state_names = ("batches_since_saving", "last_batch")
    told_last: ClassVar[bool] = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not isinstance(backup_dir, str | os.PathLike) or not os.fspath(backup_dir):
            raise ArgumentError(
                f"BackupAndRestore: backup_dir must be a folder. Received: backup_dir={backup_dir!r}",
                hint='give its name, as in BackupAndRestore("backup") or fit(..., resume="backup").',
            )
        if save_freq != "epoch" and (isinstance(save_freq, str) or not isinstance(save_freq, int | np.integer)):
            raise ArgumentError(
                f"BackupAndRestore: save_freq must be 'epoch' or a number of batches. Received: save_freq={save_freq!r}"
            )
        if save_freq != "epoch" and save_freq is not False:
            positive_int("BackupAndRestore", "save_freq", save_freq)
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.batches_since_saving = 0
        self.last_batch = -1
        self._epoch = 0
        self._run: Run | None = None
        self._snapshot: dict[str, Any] | None = None
        self._writer: _Writer | None = None

    @property
    def _latest(self) -> Path:
        return Path(self.backup_dir, "latest.npz")

    @property
    def _previous(self) -> Path:
        return Path(self.backup_dir, "previous.npz")

    # -- told by the trainer -------------------------------------------------------------------------------------

    def set_run(self, run: Run) -> None:
        """Called once, before training: what snapshots are taken of."""
        self._run = run
        run.remember()
        self._writer = _Writer(self._write)

    def close(self) -> None:
        """Called when training has ended in any way: what is being written is written."""
        if self._writer is not None:
            self._writer.wait()
        self._run = self._writer = self._snapshot = None

    def batches_until_due(self) -> int | None:
        """As many as are yet to come before the next snapshot."""
        return None if self.save_freq in ("epoch", False) else int(self.save_freq) - self.batches_since_saving

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Goes on from the snapshot, if there is one."""
        run = self._require_run()
        self.batches_since_saving, self.last_batch = 0, -1
        self._make_folder()
        self._snapshot = self._read()
        if self._snapshot is not None:
            run.move_to(self._snapshot)
            if not run.step:
                self._restore(run)
        elif self.save_freq is not False:
            # The first weights, too, and how long files were that are appended to.
            self._save(run.epoch, 0, {})

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Goes on from a snapshot that was taken in the midst of this epoch."""
        self._epoch, self.last_batch = epoch, -1
        if self._snapshot is not None:
            self._restore(self._require_run())

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes a snapshot after so many batches."""
        if self.save_freq in ("epoch", False):
            return
        self.batches_since_saving += batch - self.last_batch
        self.last_batch = batch
        # If training is to stop here, the epoch ends at once.
        if self.batches_since_saving >= int(self.save_freq) and not self.model.stop_training:
            self._save(self._epoch, batch + 1, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes a snapshot after each epoch; if it takes them after batches, after the last epoch only."""
        if self.save_freq is not False and (self.save_freq == "epoch" or self._require_run().ends_with(epoch)):
            self._save(epoch + 1, 0, logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Deletes the snapshot if it is to be deleted."""
        assert self._writer is not None
        self._writer.finish()
        if self.delete_checkpoint:
            self._delete()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _require_run(self) -> Run:
        if self._run is None:
            raise LaminaError(
                "BackupAndRestore does not know what to take snapshots of: it works within fit alone.",
                hint="pass it to fit(callbacks=[...]); in a loop of your own, save with model.save().",
            )
        return self._run

    def _make_folder(self) -> None:
        try:
            os.makedirs(self.backup_dir, exist_ok=True)
        except FileExistsError:
            raise FileError(
                f"Snapshots of the training cannot be kept in '{self.backup_dir}', which is a file.",
                hint="give the name of a folder; it is made if there is none.",
            ) from None
        except OSError as fault:
            raise failure(self._latest, fault) from None

    def _restore(self, run: Run) -> None:
        snapshot, self._snapshot = self._snapshot, None
        assert snapshot is not None
        run.restore(snapshot)

    def _save(self, epoch: int, step: int, logs: dict[str, Any] | None) -> None:
        self.batches_since_saving = 0
        assert self._writer is not None
        self._writer.put(self._require_run().capture(epoch, step, logs or {}))

    def _write(self, snapshot: dict[str, Any]) -> None:
        """Runs in the writer's thread."""
        arrays = encode_snapshot(snapshot)
        if self.double_checkpoint and self._latest.exists():
            os.replace(self._latest, self._previous)
        write_snapshot(self._latest, arrays)

    def _read(self) -> dict[str, Any] | None:
        """The last snapshot that is whole, `None` if there is none."""
        self._remove([*Path(self.backup_dir).glob(".*.npz.*.part")])  # of a write that was killed
        found = [path for path in (self._latest, self._previous) if path.exists()]
        for path in found:
            try:
                return read_snapshot(path)
            except FileError as error:
                if path is found[-1]:
                    hint = f"delete the folder '{self.backup_dir}' to train from the beginning."
                    raise FileError(error.fact, hint=error.hint or hint) from None
                warn_user(f"{error.fact} Training goes on from the snapshot before.")
        return None

    def _delete(self) -> None:
        self._remove([self._latest, self._previous])
        # The folder may hold what is not ours.
        with contextlib.suppress(OSError):
            os.rmdir(self.backup_dir)

    def _remove(self, paths: list[Path]) -> None:
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


class _Writer:
    """Writes in a thread of its own; what has not been begun when something newer comes is not written at all.

    Args:
        write: called with what is to be written.
    """

    def __init__(self, write: Any) -> None:
        self._function = write
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lamina-snapshots")
        self._lock = threading.Lock()
        self._waiting: Any = None
        self._writing: Future[None] | None = None

    def put(self, item: Any) -> None:
        """Has it written soon; raises what went wrong with the last one."""
        if self._writing is not None and self._writing.done():
            self._writing.result()
        with self._lock:
            begins, self._waiting = self._waiting is None, item
        if begins:
            self._writing = self._pool.submit(self._write)

    def finish(self) -> None:
        """Waits, and raises what went wrong."""
        self._pool.shutdown()
        if self._writing is not None:
            self._writing.result()

    def wait(self) -> None:
        """Waits."""
        self._pool.shutdown()

    def _write(self) -> None:
        with self._lock:
            item, self._waiting = self._waiting, None
        self._function(item)
