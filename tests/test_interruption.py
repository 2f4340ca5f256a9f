"""Interrupted runs in MLflow."""

import signal
from types import SimpleNamespace

import mlflow
import pytest
from tests.tracked import tracked_in

from spl_kedro import interruption
from spl_kedro.faults import one_line
from spl_kedro.interruption import FOLDER_TAG, HOW_TAG, InterruptionHooks
from spl_kedro.one_run import folder_key


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with tracked_in(f"sqlite:///{tmp_path_factory.mktemp('tracked') / 'mlflow.db'}"):
        mlflow.set_experiment("interruption")
        yield


@pytest.fixture
def hooks(database, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"site": "one"}')
    made = InterruptionHooks()
    uri = mlflow.get_tracking_uri()
    loader = {"globals": {"data": "data"}, "mlflow": {"server": {"mlflow_tracking_uri": uri}}}
    made.after_context_created(SimpleNamespace(config_loader=loader, project_path=tmp_path))
    yield made
    made.after_pipeline_run()
    while mlflow.active_run():
        mlflow.end_run()


def test_what_a_process_that_is_gone_left_running_is_marked_as_killed(hooks, tmp_path):
    client = mlflow.MlflowClient()
    experiment = mlflow.get_experiment_by_name("interruption").experiment_id
    key = folder_key((tmp_path / "data").resolve())
    parent = client.create_run(experiment, tags={FOLDER_TAG: key})
    child = client.create_run(
        experiment, tags={FOLDER_TAG: key, "mlflow.parentRunId": parent.info.run_id}
    )
    other = client.create_run(experiment, tags={FOLDER_TAG: "another folder"})
    hooks.before_pipeline_run()
    found = {run.info.run_id: mlflow.get_run(run.info.run_id) for run in (parent, child, other)}
    assert [run.info.status for run in found.values()] == ["KILLED", "KILLED", "RUNNING"]
    assert HOW_TAG in found[parent.info.run_id].data.tags
    assert HOW_TAG not in found[other.info.run_id].data.tags


def test_a_run_knows_its_folder_from_the_moment_in_which_it_is_made(hooks, tmp_path):
    hooks.before_pipeline_run()
    with mlflow.start_run() as run:
        tags = mlflow.get_run(run.info.run_id).data.tags
    assert tags[FOLDER_TAG] == folder_key((tmp_path / "data").resolve())
    assert tags["site"] == "one"


def test_a_request_to_end_interrupts_the_run_and_mlflow_shows_it_as_killed(hooks):
    before = signal.getsignal(signal.SIGTERM)
    hooks.before_pipeline_run()
    mlflow.start_run()
    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    run = mlflow.active_run()
    hooks._end()  # at the end of the process
    assert mlflow.active_run() is None
    assert mlflow.get_run(run.info.run_id).info.status == "KILLED"
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_run_that_another_program_opened_stays_its_own(hooks):
    with mlflow.start_run() as run:
        hooks.before_pipeline_run()
        hooks._end()
        assert mlflow.active_run().info.run_id == run.info.run_id
    assert interruption.close_abandoned_runs("none") == 0


def test_a_database_that_cannot_be_written_ends_a_run_at_once(tmp_path, monkeypatch):
    # Fault: MLflow tries again for minutes.
    monkeypatch.setattr(interruption.os, "access", lambda path, _: path != tmp_path)
    with pytest.raises(OSError, match="Read-only file system") as refused:
        interruption.require_writable(f"sqlite:///{tmp_path}/mlflow.db")
    assert one_line(refused.value).endswith("Use a folder that can be written to.")
    interruption.require_writable(f"sqlite:///{tmp_path}/other/mlflow.db")
    interruption.require_writable("http://tracking.example")
