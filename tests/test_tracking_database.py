"""Two commands that start at once make one database."""

import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from filelock import FileLock

from spl_kedro.tracking_database import TrackingDatabaseHooks, alone_at, database_file

#: What kedro-mlflow does when a command starts; `go` is awaited, so that both begin at once.
MAKING = """
import sys, time
from pathlib import Path
from mlflow.tracking import MlflowClient
from spl_kedro.tracking_database import alone_at, database_file
uri, go, me = sys.argv[1:]
Path(f"{go}.{me}").touch()
while not Path(go).exists():
    time.sleep(0.005)
with alone_at(database_file(uri)):
    client = MlflowClient(tracking_uri=uri)
    if client.get_experiment_by_name("spl_kedro") is None:
        client.create_experiment("spl_kedro")
print(client.get_experiment_by_name("spl_kedro").experiment_id)
"""


def test_two_processes_that_start_at_once_make_one_database(tmp_path):
    uri, go = f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "go"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MAKING, uri, str(go), str(me)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for me in range(2)
    ]  # fmt: skip
    while not all(Path(f"{go}.{me}").exists() for me in range(2)):
        assert all(one.poll() is None for one in started), started[0].communicate()
        sleep(0.02)
    go.touch()
    said = [one.communicate(timeout=300) for one in started]
    assert [one.returncode for one in started] == [0, 0], said
    assert said[0][0] == said[1][0]


def test_one_waits_for_the_other_and_not_for_ever(tmp_path, caplog):
    database = tmp_path / "mlflow.db"
    order = []

    def second():
        with alone_at(database):
            order.append("second")

    with alone_at(database):
        waiting = Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    with FileLock(tmp_path / "mlflow.db.lock"), alone_at(database, seconds=0.05):
        assert "Another command" in caplog.text


def test_a_server_or_a_folder_that_cannot_be_written_to_is_no_reason_to_stop(tmp_path):
    with alone_at(database_file("http://localhost:5000")):
        pass
    (tmp_path / "file").touch()
    with alone_at(tmp_path / "file/mlflow.db", seconds=1):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_hook_holds_the_lock_around_all_others(tmp_path):
    class Context:
        config_loader = {
            "mlflow": {"server": {"mlflow_tracking_uri": f"sqlite:///{tmp_path}/mlflow.db"}}
        }

    hook = TrackingDatabaseHooks().after_context_created(Context())
    next(hook)
    other = FileLock(tmp_path / "mlflow.db.lock")
    with pytest.raises(TimeoutError):
        other.acquire(timeout=0)
    with pytest.raises(StopIteration):
        hook.send(None)
    other.acquire(timeout=0)
    other.release()
