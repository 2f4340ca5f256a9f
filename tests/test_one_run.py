"""One run at a time in a data folder."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from spl_kedro.errors import UnusableStudyError
from spl_kedro.one_run import OneRunHooks, RunLock, data_folder, folder_key

HOLD = """
import sys, time
from pathlib import Path
from spl_kedro.one_run import RunLock
lock = RunLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
time.sleep(60)
"""


def _context(folder, data="data"):
    return SimpleNamespace(config_loader={"globals": {"data": str(data)}}, project_path=folder)


def test_a_second_run_is_refused_until_the_first_is_gone_also_by_kill_9(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        hooks, elsewhere = OneRunHooks(), OneRunHooks()
        hooks.after_context_created(_context(tmp_path))
        with pytest.raises(UnusableStudyError, match="another run is writing into 'data'"):
            hooks.before_pipeline_run()
        elsewhere.after_context_created(_context(tmp_path, "data/test"))
        elsewhere.before_pipeline_run()
        elsewhere.after_pipeline_run()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    hooks.before_pipeline_run()
    with pytest.raises(UnusableStudyError):
        RunLock(tmp_path / "data").take()
    hooks.on_pipeline_error()
    RunLock(tmp_path / "data").take()


def test_what_a_killed_run_left_half_written_is_cleared_away_and_nothing_else(tmp_path):
    folder = tmp_path / "data/03_primary"
    folder.mkdir(parents=True)
    for name in (".0ab1.part", "notes.part", ".hidden"):
        (folder / name).write_bytes(b"half")
    hooks = OneRunHooks()
    hooks.after_context_created(_context(tmp_path))
    hooks.before_pipeline_run()
    hooks.after_pipeline_run()
    assert sorted(path.name for path in folder.iterdir()) == [".hidden", "notes.part"]


def test_data_on_another_machine_have_no_lock_and_the_log_says_so(tmp_path, caplog):
    hooks = OneRunHooks()
    hooks.after_context_created(_context(tmp_path, "s3://bucket/study"))
    hooks.before_pipeline_run()
    assert "no lock keeps a second run out" in caplog.text
    assert not list(tmp_path.iterdir())


def test_a_folders_key_tells_folders_apart_and_does_not_name_them(tmp_path):
    one, two = (data_folder(_context(tmp_path, name)) for name in ("data", "data/test"))
    assert folder_key(one) == folder_key(one) != folder_key(two)
    assert str(tmp_path) not in folder_key(one)
