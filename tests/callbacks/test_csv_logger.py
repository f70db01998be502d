import csv
import math

import numpy as np
import pytest

from lamina.callbacks import CSVLogger, EarlyStopping


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


def rows(path, separator=","):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def test_it_holds_what_the_history_holds(train, path):
    _, history = train(CSVLogger(path), epochs=3)
    found = rows(path)
    assert [int(row.pop("epoch")) for row in found] == history.epoch
    for name, values in history.history.items():
        assert [float(row[name]) for row in found] == values
    assert path.read_bytes().endswith(b"\r\n")


def test_lines_are_there_when_their_epoch_has_ended(run_epochs, fake, path):
    seen = []

    class Look(CSVLogger):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            seen.append(path.read_text().count("\n"))

    run_epochs(Look(path), fake, {"loss": 1.0}, {"loss": 2.0})
    assert seen == [2, 3]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_separators(run_epochs, fake, path, separator):
    run_epochs(CSVLogger(str(path), separator), fake, {"loss": 1.5, "val_loss": 2.0})
    assert path.read_text().splitlines() == [
        separator.join(("epoch", "loss", "val_loss")),
        separator.join("0 1.5 2.0".split()),
    ]


def test_an_old_file_is_replaced(run_epochs, fake, path):
    path.write_text("something that is longer than what will be written: " + "x" * 1000)
    run_epochs(CSVLogger(path), fake, {"loss": 1.0, "val_loss": 2.0})
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,1.0,2.0"]


def test_appending_keeps_the_columns(run_epochs, fake, path):
    path.write_bytes(b"epoch,val_loss,loss\r\n0,2.0,1.0\r\n")
    run_epochs(CSVLogger(path, append=True), fake, {"loss": 3.0, "val_loss": 4.0})
    assert rows(path)[1] == {"epoch": "0", "val_loss": "4.0", "loss": "3.0"}


def test_appending_after_a_torn_line(run_epochs, fake, path):
    path.write_bytes(b"epoch,loss,val_loss\r\n0,1.0,2.0\r\n1,1.")
    run_epochs(CSVLogger(path, append=True), fake, {"loss": 3.0, "val_loss": 4.0})
    assert path.read_bytes().split(b"\r\n")[2:] == [b"1,1.", b"0,3.0,4.0", b""]


def test_a_log_without_column_is_warned_of_once(run_epochs, fake, path):
    path.write_bytes(b"epoch,loss\r\n0,2.0\r\n")
    logger = CSVLogger(path, append=True)
    with pytest.warns(UserWarning, match=r"log.csv' has no column for mae") as caught:
        run_epochs(logger, fake, *[{"loss": 1.0, "mae": 2.0}] * 3)
    assert len(caught) == 1
    assert [row["loss"] for row in rows(path)] == ["2.0", "1.0", "1.0", "1.0"]


def test_missing_values(run_epochs, fake, path):
    run_epochs(CSVLogger(path), fake, {"loss": 1.0}, {"loss": math.nan, "val_loss": 2.0}, {})
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,1.0,NA", "1,nan,2.0", "2,NA,NA"]


def test_values_that_are_no_numbers(run_epochs, fake, path):
    logs = {"a": np.float32(0.5), "b": np.arange(3), "c": "words, with commas", "d": np.array(2), "val_a": 1}
    run_epochs(CSVLogger(path), fake, logs)
    assert rows(path)[0] == {
        "epoch": "0",
        "a": "0.5",
        "b": '"[0, 1, 2]"',
        "c": "words, with commas",
        "d": "2",
        "val_a": "1",
    }


def test_after_an_error_nothing_stays_open(train, path):
    class Fail(EarlyStopping):
        def on_epoch_end(self, epoch, logs=None):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(CSVLogger(path), Fail())
    assert len(rows(path)) == 1


# -- state -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("torn", [b"", b"2,5.0,5.0\r\n", b"2,5."], ids=["", "a line", "half a line"])
def test_a_resumed_file_is_as_if_nothing_had_happened(fake, path, append, torn):
    logs = [{"loss": float(epoch), "val_loss": 0.5} for epoch in range(4)]
    first = CSVLogger(path, append=append)
    first.on_train_begin()
    first.on_epoch_end(0, logs[0])
    first.on_epoch_end(1, logs[1])
    state = first.get_state()
    with open(path, "ab") as file:
        file.write(torn)
    second = CSVLogger(path, append=append)
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_end(2, logs[2])
    second.on_epoch_end(3, logs[3])
    assert path.read_bytes() == b"epoch,loss,val_loss\r\n" + b"".join(b"%d,%d.0,0.5\r\n" % (n, n) for n in range(4))


def test_a_resumed_file_that_is_lost_is_begun_anew(path):
    logger = CSVLogger(path)
    logger.on_train_begin()
    logger.set_state({"size": 500})
    logger.on_epoch_end(7, {"loss": 1.0, "val_loss": 1.0})
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "7,1.0,1.0"]


# -- what cannot be written --------------------------------------------------------------------------------------------


def test_a_missing_folder(train, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"(?s)CSVLogger cannot write '.*no folder '.*runs'.*hint: create it"):
        train(CSVLogger(tmp_path / "runs" / "log.csv"), epochs=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "reason"), [(".", "directory"), ("file/log.csv", "directory")])
def test_what_is_no_file(train, tmp_path, name, reason):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=f"CSVLogger cannot write '.*': .*{reason}"):
        train(CSVLogger(tmp_path / name), epochs=1)


@pytest.mark.parametrize("separator", ["", ", ", None])
def test_bad_separators(path, separator):
    with pytest.raises(ValueError, match=r"CSVLogger: separator must be a single sign. Received: separator="):
        CSVLogger(path, separator)
