"""What a run says of itself in the tracker."""

from types import SimpleNamespace

import mlflow
import pandas as pd
import pytest
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from tests.tracked import tracked_in

from spl_kedro import trackers
from spl_kedro.tracking_hooks import RunTrackingHooks


@pytest.fixture
def tracked(tmp_path):
    with tracked_in(f"sqlite:///{tmp_path / 'mlflow.db'}"):
        mlflow.set_experiment("hooks")
        with mlflow.start_run() as run:
            yield lambda: mlflow.get_run(run.info.run_id)


#: As `conf/extended` states them.
STUDIES = ["simulation", "extended", "survival"]


def hooks(tmp_path, parameters=None):
    made = RunTrackingHooks()
    loader = {
        "parameters": {"data_processing": {"simulated": True}} | (parameters or {}),
        "globals": {"data": "data/test", "tracking": {"remote": False}, "pipelines": STUDIES},
    }
    made.after_context_created(SimpleNamespace(config_loader=loader, project_path=tmp_path))
    return made


def performance():
    rows = [
        ("leak_free", "cdlr", "validation", "auc", 0.8, 0.7, 0.9),
        ("leak_free", "cdlr", "training", "auc", 0.85, 0.8, 0.9),
        ("leak_free", "clinical", "training", "auc", 0.75, 0.7, 0.8),
        ("leak_free", "clinical", "validation", "auc", 0.7, 0.6, 0.8),
        ("leak_free", "cdlr", "validation", "brier", 0.2, 0.1, 0.3),
        ("leak_free", "cdlr_before", "validation", "auc", 0.6, 0.5, 0.7),
        ("as_published", "cdlr", "validation", "auc", 0.99, 0.98, 1.0),
    ]
    columns = ["protocol", "model", "cohort", "metric", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def test_only_the_parameters_a_pipeline_uses_are_tracked_and_no_folder_is_named(tmp_path, tracked):
    parameters = {
        "modeling": {"svm": {"c": 1.0}, "cache": str(tmp_path / "cache")},
        "radiomics": {"bin_width": 5},
    }
    used = pipeline([node(lambda x: x, "params:modeling", "out", name="use")])
    hooks(tmp_path, parameters).before_pipeline_run({"env": None}, used, catalog=None)
    data = tracked().data
    assert data.params == {"modeling.svm.c": "1.0", "modeling.cache": ".../cache"}
    assert data.tags["environment"] == "base"
    assert not any(str(tmp_path.parent) in value for value in data.tags.values())


@pytest.mark.parametrize("told", [str, lambda runner: runner])
def test_a_run_has_a_name_for_a_person_and_no_object_for_a_tag(tmp_path, tracked, told):
    # Kedro hands over the runner, or how Python prints it.
    given = {"env": "test", "runner": told(SequentialRunner()), "pipeline_names": ["cdlr"]}
    hooks(tmp_path).before_pipeline_run(given, pipeline([]), catalog=None)
    assert tracked().info.run_name == "cdlr, test, simulated patients"
    assert tracked().data.tags["runner"] == "SequentialRunner"


def test_a_run_of_no_named_pipeline_is_called_by_those_of_its_environment(tmp_path, tracked):
    # Fault: an extended study called as the study alone.
    hooks(tmp_path).before_pipeline_run({"env": "extended"}, pipeline([]), catalog=None)
    assert tracked().info.run_name == "extended + survival, extended, simulated patients"


@pytest.mark.parametrize("simulated", [True, False])
def test_the_run_names_its_cohorts_by_size_and_checksum_and_holds_no_row(
    tmp_path, tracked, simulated
):
    cohort = pd.DataFrame(
        {
            "image_sha256": list("abc"),
            "label": [1, 0, 1],
            "cohort": ["training", "training", "external"],
            "simulated": simulated,
        },
        index=pd.Index(["SPL0001", "SPL0002", "SPL0003"], name="lesion_id"),
    )
    own = hooks(tmp_path)
    own.after_dataset_loaded("cohort", cohort)
    own.after_dataset_loaded("cohort", cohort)  # by the next node
    run = tracked()
    assert run.data.tags["patients"] == ("simulated" if simulated else "real")
    assert len(run.data.tags["data_sha256"]) == 64
    named = {i.tags[0].value: i.dataset for i in run.inputs.dataset_inputs}
    kind = "simulated " if simulated else ""
    assert named["training"].name == f"2 {kind}lesions, 1 malignant"
    assert set(named) == {"training", "external"}
    assert named["training"].digest != named["external"].digest
    assert "SPL0001" not in str(run.inputs)


def test_the_run_itself_says_what_the_five_models_reach(tmp_path, tracked):
    hooks(tmp_path).after_dataset_saved("performance", performance())
    data = tracked().data
    assert data.metrics["cdlr.validation.auc"] == 0.8
    assert data.metrics["clinical.training.auc_high"] == 0.8
    assert not any("brier" in name or "before" in name for name in data.metrics)
    note = data.tags["mlflow.note.content"]
    assert "SIMULATED" in note
    assert "| CDLR | 0.850 (0.800 to 0.900) | 0.800 (0.700 to 0.900) |" in note
    assert "data/test/08_reporting/study_report.html" in note


def test_a_tracker_elsewhere_is_said_not_to_be_used(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(trackers, "GIVEN", "https://tracker.example.org/mlflow")
    hooks(tmp_path)
    assert "another machine (tracker.example.org), which is not used" in caplog.text
