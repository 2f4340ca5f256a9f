"""A sealed study as a user runs it: no diagnosis of validation, then a look, then a change."""

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from tests.projects import SMALLEST, make_project, python

PARAMETERS = """
sealing: {sealed: true, sample_size: all eligible patients of two years}
simulation:
  training_centre: {patients: 44}
  external_centre: {patients: 10}
  readers: {second_lesions: 8}
  workers: 1
  progress: false
data_processing:
  columns: {cohort: part}
  split: {external_sites: []}
"""
#: What a run learns of its training lesions.
LEARNT = ("predictions", "thresholds", "selected_features", "performance", "radiomics_stability")
TRAINING = ["data_processing", "sealing", "radiomics", "deep_features", "modeling"]
# Steps in one process: a list of pipelines and parameters, or a change of a file.
STEPS = """
import json, os, shutil, sys
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
project, steps = Path(sys.argv[1]), json.loads(sys.argv[2])
bootstrap_project(project)
for what, *rest in steps:
    if what == "run":
        pipelines, parameters, *outputs = rest
        with KedroSession.create(project, env="test", runtime_params=parameters) as session:
            session.run(pipeline_names=pipelines, to_outputs=outputs)
        print("ENDED", flush=True)
    elif what == "reuse":
        os.environ["SPL_KEDRO_REUSE"] = "1"
    elif what == "copy":
        source, target = (project / name for name in rest)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    else:
        path = project / rest[0]
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
"""
RAW, DATA = "data/test/01_raw/simulated/cohort.csv", "data/test"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A project whose table names the split, with and without diagnoses outside training."""
    folder = make_project(tmp_path_factory.mktemp("sealed"))
    (folder / "conf/test/parameters_zz_sealed.yml").write_text(PARAMETERS + SMALLEST)
    for other in ("simulation", "modeling", "explainability", "radiomics", "reporting"):
        (folder / f"conf/test/parameters_{other}.yml").unlink()
    made = steps(folder, ("run", ["simulation"], {}))
    assert made.returncode == 0, made.stderr[-3000:]
    table = pd.read_csv(folder / RAW, dtype=str)
    part = pd.Series("training", index=table.index)
    part[table.index % 4 == 3] = "validation"
    part[table["centre"] == "centre_b"] = "external"
    table = table.assign(part=part)
    table.to_csv(folder / "with.csv", index=False)
    hidden = table["pathology"].mask(part != "training", "")
    table.assign(pathology=hidden).to_csv(folder / "without.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def story(project) -> tuple[Path, list[str]]:
    """All that happens to one study, and what each of its runs printed."""
    report = f"{DATA}/08_reporting"
    done = steps(
        project,
        ("copy", "with.csv", RAW),
        ("run", TRAINING, {}, *LEARNT, "seal_state"),
        ("copy", DATA, "with_diagnoses"),
        ("copy", "without.csv", RAW),
        ("run", ["cdlr"], {}),
        ("copy", f"{DATA}/07_model_output", "without_diagnoses"),
        ("copy", report, "sealed_report"),
        ("copy", "with.csv", RAW),
        ("run", ["unseal"], {"sealing": {"reason": "all is decided"}}),
        ("copy", report, "unsealed_report"),
        ("copy", f"{DATA}/03_primary/cohort.parquet", "opened.parquet"),
        ("cut", f"{DATA}/03_primary/sealing/looks.jsonl"),
        ("reuse",),  # the models are those of another seed, which is refused otherwise
        ("run", ["sealing", "reporting"], {"modeling": {"seed": 7}}),
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return project, done.stdout.split("ENDED\n")


def steps(project: Path, *wanted: tuple):
    return python(project, "-c", STEPS, str(project), json.dumps(wanted), drawn=False)


def text(project: Path, folder: str, file: str = "study_report.html") -> str:
    return (project / folder / file).read_text(encoding="utf-8")


def test_no_diagnosis_outside_training_is_read_while_the_study_is_sealed(story):
    # Faults: lesions left out for an empty cell; a filter, threshold or split that looks.
    project, _ = story
    with_diagnoses = {path.stem: path for path in (project / "with_diagnoses").rglob("*.parquet")}
    for name in LEARNT[:-1]:
        without = project / f"without_diagnoses/{name}.parquet"
        assert with_diagnoses[name].read_bytes() == without.read_bytes(), name
    scored = pd.read_parquet(project / "without_diagnoses/predictions.parquet")
    assert set(scored["cohort"]) == {"training"}
    assert set(scored["protocol"]) == {"leak_free"}
    kept = pd.read_parquet(with_diagnoses["divided_cohort"])
    assert kept["label"].notna().equals(kept["cohort"] == "training")
    assert {"validation", "external"} < set(kept["cohort"])


def test_the_plan_is_stored_before_anything_is_scored_and_says_who_read_what(story):
    project, _ = story
    plan = json.loads(text(project, "with_diagnoses/03_primary/sealing", "analysis_plan.json"))
    assert plan["sample_size"]["argument"] == "all eligible patients of two years"
    assert plan["split"]["labels_read"].startswith("The split stands in the cohort table")
    assert not (project / "with_diagnoses/03_primary/sealing/looks.jsonl").exists()
    now = json.loads(text(project, f"{DATA}/03_primary/sealing", "analysis_plan.json"))
    assert now == plan


def test_a_sealed_run_reports_training_alone_and_ends_with_how_to_unseal(story):
    project, printed = story
    assert printed[1].rstrip().splitlines()[-1].endswith(
        "To unseal: kedro run --env test --pipelines unseal"
    )  # fmt: skip
    report = text(project, "sealed_report")
    assert "<strong>Sealed.</strong>" in report
    assert report.count("Sealed: the validation cohort") >= 12
    assert "fitted when that is unsealed" in report
    assert "CDLR, Validation" not in text(project, "sealed_report", "model_card.md")
    assert "Sealed: the validation cohort" in text(project, "sealed_report", "model_card.md")


def test_unsealing_scores_once_by_the_stored_models_and_logs_the_look(story):
    project, printed = story
    report = text(project, "unsealed_report")
    assert "<strong>Sealed.</strong>" not in report
    assert "The planned primary comparison, CDLR against Clinical" in report
    assert "all is decided" in report
    assert "Look 1 at the sealed lesions" in printed[2]
    before = pd.read_parquet(project / "without_diagnoses/predictions.parquet")
    after = pd.read_parquet(project / DATA / "07_model_output/predictions.parquet")
    training = after[(after["protocol"] == "leak_free") & (after["cohort"] == "training")]
    pd.testing.assert_frame_equal(training.reset_index(drop=True), before)
    assert set(after["cohort"]) == {"training", "validation", "external"}
    assert set(after["protocol"]) == {"leak_free", "as_published", "as_published_radial"}
    opened = pd.read_parquet(project / "opened.parquet")
    told = pd.read_csv(project / "with.csv", dtype=str).set_index("case_id")["pathology"]
    assert (
        opened["label"]
        .map({0: "benign", 1: "malignant"})
        .equals(told.reindex(opened.index).astype("str").rename("label"))
    )


def test_a_change_after_the_look_is_post_hoc_in_report_card_and_tracker(story):
    project, printed = story
    report = text(project, f"{DATA}/08_reporting")
    assert "<strong>Post hoc.</strong>" in report
    assert "modeling.seed" in report
    card = text(project, f"{DATA}/08_reporting", "model_card.md")
    assert "Changed after the first look: modeling.seed: 20260324 -> 7." in card
    assert "1 look at the lesions outside the training cohort was taken." in card
    assert "POST HOC" in printed[3]
    with sqlite3.connect(project / "mlflow.db") as database:
        values = database.execute("select key, value from tags where key like 'post_hoc%'")
        tags = set(values.fetchall())
    assert ("post_hoc", "true") in tags
    assert ("post_hoc_changes", "modeling.seed: 20260324 -> 7") in tags
    assert "<strong>Post hoc.</strong>" not in text(project, "unsealed_report")


def test_a_look_that_was_deleted_is_noticed(story):
    project, printed = story
    lost = "looks.jsonl: 1 looks were taken, the last 1 missing."
    assert f"Log of looks: {lost}" in printed[3]
    assert lost in text(project, f"{DATA}/08_reporting")
    assert lost in text(project, f"{DATA}/08_reporting", "model_card.md")
    with sqlite3.connect(project / "mlflow.db") as database:
        found = database.execute("select value from tags where key = 'looks_log'").fetchall()
    assert (lost,) in found


def test_models_are_not_fitted_beside_lesions_that_a_look_has_opened(story):
    # Fault: a changed model scored on validation without another look.
    refused = steps(story[0], ("run", ["modeling"], {"modeling": {"seed": 7}}))
    assert refused.returncode != 0
    assert "opened by an earlier look" in refused.stderr + refused.stdout
