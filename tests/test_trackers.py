"""Which tracker a run may use."""

import os
import subprocess
import sys

import pytest

from spl_kedro import trackers
from spl_kedro.trackers import artifact_location, chosen_tracker, tracking_uri

HERE = [
    "http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000",
    "postgresql://user:secret@localhost/mlflow", "sqlite:///runs.db", "mlruns",
]  # fmt: skip
ELSEWHERE = [
    "https://tracker.example.org", "http://10.0.0.7:5000", "postgresql://db.example.org/mlflow",
    "postgresql:///mlflow?host=db.example.org", "databricks", "databricks://profile", "http://",
    "http://127.0.0.1.example.org:5000", "http://localhost@example.org",
]  # fmt: skip


@pytest.mark.parametrize("address", HERE)
def test_a_tracker_on_this_machine_is_used(monkeypatch, address):
    monkeypatch.setattr(trackers, "GIVEN", address)
    assert chosen_tracker(remote=False) == (address, "")
    assert tracking_uri("sqlite:///own.db", False) == address


@pytest.mark.parametrize("address", ELSEWHERE)
def test_one_elsewhere_is_used_where_the_study_says_so_alone(monkeypatch, address):
    # Fault: patients' figures sent away by a variable that was set for another project.
    monkeypatch.setattr(trackers, "GIVEN", address)
    told = chosen_tracker(remote=False)
    assert told.given is None
    assert "which is not used" in told.note
    assert tracking_uri("sqlite:///own.db", False) == "sqlite:///own.db"
    assert chosen_tracker(remote=True) == (address, "")


def test_a_note_holds_no_password(monkeypatch):
    monkeypatch.setattr(trackers, "GIVEN", "postgresql://user:secret@db.example.org/mlflow")
    assert "secret" not in chosen_tracker(remote=False).note


def test_a_server_keeps_its_files_itself_and_a_database_leaves_them_to_the_project(monkeypatch):
    for address, own in (
        ("http://127.0.0.1:5000", None),
        ("postgresql://localhost/mlflow", "file:///project/mlruns"),
        ("", "file:///project/mlruns"),
    ):
        monkeypatch.setattr(trackers, "GIVEN", address)
        assert artifact_location("file:///project/mlruns", False) == own


def test_what_a_run_before_it_used_is_not_what_the_user_named(tmp_path):
    # Fault: MLflow keeps its own choice in the variable, and the next study of the process follows.
    script = (
        "import mlflow, sys; from spl_kedro.trackers import tracking_uri; "
        "mlflow.set_tracking_uri(sys.argv[1]); print(tracking_uri('sqlite:///own.db', False))"
    )
    environment = {k: v for k, v in os.environ.items() if k != trackers.VARIABLE}
    told = subprocess.run(
        [sys.executable, "-c", script, f"sqlite:///{tmp_path}/other.db"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "sqlite:///own.db"
