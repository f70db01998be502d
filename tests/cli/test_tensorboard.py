import sys

from lamina.cli import main


def test_a_folder_that_does_not_exist_is_told(capsys):
    assert main(["tensorboard", "nowhere"]) == 1
    assert "There is no folder 'nowhere' to show." in capsys.readouterr().err


def test_a_missing_package_is_named_with_its_extra(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    assert main(["tensorboard", str(tmp_path)]) == 1
    assert 'pip install "lamina[tensorboard]"' in capsys.readouterr().err
