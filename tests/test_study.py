"""The whole study in miniature, run as a user runs it."""

import json
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from kedro.framework.project import pipelines
from PIL import Image
from sklearn.metrics import roc_auc_score
from tests.accessibility import grave_in
from tests.clusters import kill_worker_with, running_cluster
from tests.notebooks import executed
from tests.projects import ROOT, kedro, kedro_commands, kedro_sessions, lay_over, make_project
from tests.test_previews import datasets, preview_of

from spl_kedro import api
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.schemas import MODELS, NO_CLINICAL_MODEL, PROTOCOLS

BENIGN = ["pneumonia", "organising pneumonia", "abscess", "hamartoma"]
OTHER_MALIGNANT = ["squamous cell carcinoma", "small cell carcinoma", "metastasis", "lymphoma"]


@pytest.fixture(scope="module")
def study(miniature):
    """The project, in which these tests alone go on, and what its run printed."""
    return miniature.project, miniature.output


def table(project: Path, name: str) -> pd.DataFrame:
    (path,) = (project / "data/test").glob(f"*/{name}.parquet")
    return pd.read_parquet(path)


def test_every_lesion_of_the_cohort_has_finite_features(study):
    project, _ = study
    cohort = table(project, "cohort")
    assert cohort["simulated"].all()
    assert set(cohort["cohort"]) == {"training", "validation", "external"}
    for name, columns in [("radiomics_features", 1561), ("dtl_features", None)]:
        features = table(project, name)
        assert sorted(features.index) == sorted(cohort.index)
        assert np.isfinite(features.to_numpy()).all()
        assert columns in (None, features.shape[1])


def test_five_models_are_scored_in_three_cohorts_under_every_protocol(study):
    performance = table(study[0], "performance")
    auc = performance[(performance["metric"] == "auc") & performance["model"].isin(MODELS)]
    assert len(auc) == len(MODELS) * 3 * len(PROTOCOLS)
    assert auc["value"].between(0, 1).all()
    assert (auc["low"] <= auc["value"]).all()
    assert (auc["value"] <= auc["high"]).all()


def test_training_figures_are_means_over_the_repeats_of_single_models(study):
    # Fault: the figures of a mean score, which is no model that anyone deploys.
    predictions, performance = (table(study[0], n) for n in ("predictions", "performance"))
    training = predictions.query("protocol == 'leak_free' and cohort == 'training'")
    assert set(training["repeat"]) == {0, 1}
    assert set(predictions.drop(training.index)["repeat"]) == {0}
    reported = performance.query("protocol == 'leak_free' and cohort == 'training'")
    for model, rows in training.groupby("model"):
        single = [roc_auc_score(part["label"], part["score"]) for _, part in rows.groupby("repeat")]
        values = reported[reported["model"] == model].set_index("metric")
        assert values.loc["auc", "value"] == pytest.approx(np.mean(single), rel=1e-9)
        assert "threshold from the other folds" in values.loc["sensitivity", "method"]
    nested = table(study[0], "nested_performance").set_index("model")["auc"]
    auc = reported[reported["metric"] == "auc"].set_index("model")["value"]
    np.testing.assert_allclose(nested.loc[auc.index], auc, rtol=1e-9)


def test_stability_is_of_training_lesions_and_counted_alike_in_table_and_report(study):
    # Faults: validation lesions that choose features; features without an ICC left out of "all".
    project, _ = study
    cohort, stability = table(project, "cohort"), table(project, "radiomics_stability")
    schema = table(project, "radiomics_schema")
    second = {p.stem for p in (project / "data/test/03_primary/lesions_reader2").iterdir()}
    both = cohort.index.isin(second)
    assert cohort[both]["cohort"].nunique() > 1
    assert set(stability["lesions"]) == {int((both & (cohort["cohort"] == "training")).sum())}
    judged = stability[~schema["degenerate"].reindex(stability.index)]
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    stable = int(judged["stable"].sum())
    assert f"of {len(judged)} features that are not degenerate reach" in report
    assert f": {stable} of {len(judged)} features at or above 0.75" in report


@pytest.fixture(scope="module")
def extended(study, tmp_path_factory):
    """The same study with additions, of which what is stored already is not made again."""
    project = make_project(tmp_path_factory.mktemp("extended"))
    shutil.copytree(study[0] / "data/test", project / "data/extended")
    lay_over(project, "extended", "test")
    fewer = {"protocol": {"n_splits": 3, "n_repeats": 1, "clinical_bootstrap": 2}}
    own = project / "conf/extended/parameters_modeling.yml"
    told = yaml.safe_load(own.read_text())
    told["modeling"] |= fewer
    own.write_text(yaml.safe_dump(told))
    # Of the same patients, with one image each.
    own = project / "conf/extended/parameters_simulation.yml"
    told = yaml.safe_load(own.read_text())
    del told["simulation"]["images_per_patient"]
    own.write_text(yaml.safe_dump(told))
    # So that some rings count as missing.
    (project / "conf/extended/parameters_rings.yml").write_text("rings: {min_in_view: 0.99}\n")
    (project / "conf/extended/parameters_tabular_learners.yml").write_text(
        "tabular_learners: {learners: [logistic, tabicl], tabicl: {weights: a/file.ckpt}}\n"
    )
    _declare_outcomes(project)
    wanted = "added_value,comparisons,extended_findings,selected_features,habitats_maps"
    wanted += ",tabular_learners_performance,tabular_learners_sections,multiple_instance_sections"
    wanted += ",multiclass_sections,multiclass_figure,survival_sections,survival_figure"
    wanted += ",survival_risk_groups_figure"
    finished = kedro(
        project, "run", "--env", "extended", "--only-missing-outputs", "--to-outputs", wanted
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return project, finished.stdout


def _declare_outcomes(project: Path) -> None:
    """Name classes and a follow-up that so few patients have, of few models."""
    classes = {"adenocarcinoma": ["adenocarcinoma"], "other malignant": OTHER_MALIGNANT}
    own = {"classes": classes | {"benign": BENIGN}, "min_lesions": 5, "models": ["clinical", "rad"]}
    told = {"multiclass": {"column": "Histology"} | own}
    (project / "conf/extended/parameters_multiclass.yml").write_text(yaml.safe_dump(told))
    told = {"survival": {"time": "follow_up_months", "event": "died", "event_name": "death"}}
    told["survival"] |= {"min_events": 5, "penalties": [0.1], "models": ["clinical", "rad"]}
    (project / "conf/extended/parameters_survival.yml").write_text(yaml.safe_dump(told))


def extended_table(project: Path, name: str) -> pd.DataFrame:
    (path,) = (project / "data/extended").glob(f"*/**/{name}.parquet")
    return pd.read_parquet(path)


PAIRS = {
    (base, f"{base}_{what}") for base in ("rad", "dlr", "cdlr") for what in ("ring", "habitat")
} | {("dtl", "dtl_ring")}


def test_the_extended_study_compares_each_model_with_and_without_additions(study, extended):
    project, _ = extended
    added = extended_table(project, "added_value")
    assert "additions" not in set(table(study[0], "added_value")["view"])
    pairs = added[(added["view"] == "additions") & (added["base"] != "")]
    for _, rows in pairs.groupby("cohort"):
        found = set(zip(rows["base"], rows["model"], strict=True))
        assert found >= PAIRS
    assert (pairs["added_low"] <= pairs["added"]).all()
    assert (pairs["added"] <= pairs["added_high"]).all()
    compared = extended_table(project, "comparisons").query("question == 'additions'")
    training = compared[compared["cohort"] == "training"]
    assert len(training) >= len(PAIRS)
    assert training["p_holm"].between(0, 1).all()


def test_the_extended_studys_models_read_the_habitats_of_their_own_fold(study, extended):
    project, _ = extended
    nested, features = (
        extended_table(project, f"habitats_{name}") for name in ("nested", "features")
    )
    training = table(study[0], "cohort").query("cohort == 'training'").index
    assert nested["context"].nunique() == 3
    assert (nested.groupby(level=0)["unseen"].sum().reindex(training) == 1).all()
    assert list(features.index) == sorted(table(study[0], "cohort").index)
    clusters = extended_table(project, "habitats_clusters")
    assert clusters.groupby("context")["pixels"].first().nunique() > 1
    selected = extended_table(project, "selected_features")
    assert (selected.query("model == 'habitat'")["feature"].str.startswith("habitats__")).all()
    pictures = sorted((project / "data/extended/08_reporting/habitat_maps").glob("*.png"))
    assert len(pictures) == 10


def test_a_lesion_without_a_ring_stays_in_the_extended_study_and_is_found(study, extended):
    project, output = extended
    features = extended_table(project, "rings_features")
    assert list(features.index) == sorted(table(study[0], "cohort").index)
    missing = features.index[features.isna().any(axis=1)]
    assert len(missing)
    findings = extended_table(project, "extended")
    assert set(missing) == set(findings.loc[findings["stage"] == "rings", "lesion_id"])
    deep = extended_table(project, "rings_deep_features")
    assert deep.index.equals(features.index)
    assert deep.shape[1] > 0
    assert set(deep.index[deep.isna().any(axis=1)]) == set(missing)
    assert "measure_rings" in output


def test_learners_stand_beside_the_study_and_one_without_weights_is_told(study, extended):
    found = extended_table(extended[0], "tabular_learners_performance")
    training = found[found["cohort"] == "training"].set_index("model")
    own = table(study[0], "performance").query("protocol == 'leak_free' and metric == 'auc'")
    assert list(training.index) == ["cdlr", "logistic", "tabicl"]
    difference = training.loc["logistic", "auc"] - training.loc["cdlr", "auc"]
    assert training.loc["logistic", "difference"] == pytest.approx(difference)
    assert training.loc["tabicl", "note"] == "not run: no weights at a/file.ckpt"
    validated = found[(found["cohort"] == "validation") & (found["model"] == "cdlr")]
    own = own[(own["model"] == "cdlr") & (own["cohort"] == "validation")]
    assert validated["auc"].item() == pytest.approx(own["value"].item())


def test_the_extended_study_tells_classes_apart_and_names_a_word_it_does_not_know(extended):
    project, output = extended
    predictions = extended_table(project, "multiclass_predictions")
    assert set(predictions["of_class"]) == {"adenocarcinoma", "other malignant", "benign"}
    performance = extended_table(project, "multiclass_performance")
    areas = performance[performance["metric"] == "auc_macro"]
    assert len(areas) == 2 * 3
    assert areas["value"].between(0, 1).all()
    # No class names it.
    patients = pd.read_csv(project / "data/extended/01_raw/simulated/cohort.csv", dtype="str")
    unknown = set(patients.loc[patients["histology"] == "tuberculoma", "case_id"])
    findings = extended_table(project, "multiclass")
    assert unknown
    assert set(findings["lesion_id"]) == unknown
    assert findings["message"].str.contains("'tuberculoma', which no class names").all()
    assert unknown.isdisjoint(predictions["lesion_id"])
    assert (project / "data/extended/08_reporting/multiclass.png").is_file()
    assert f"Left out for want of a class: {len(unknown)}" in output


def test_the_extended_study_foretells_times_and_makes_nothing_again_for_it(study, extended):
    project, output = extended
    predictions = extended_table(project, "survival_predictions")
    assert set(predictions["patient_id"]) == set(table(study[0], "cohort")["patient_id"])
    assert extended_table(project, "survival").empty
    performance = extended_table(project, "survival_performance")
    assert set(performance["metric"]) >= {"c_harrell", "c_uno", "auc"}
    for name in ("survival", "survival_risk_groups"):
        assert (project / f"data/extended/08_reporting/{name}.png").is_file()
    assert "simulate_hospitals" not in output
    assert "measure_radiomics" not in output


def test_what_additions_leave_for_the_report_belongs_to_this_study(extended):
    # Fault: sections under a key of other tables, which the report leaves out in silence.
    project, _ = extended
    stored = datasets(project, "extended")
    cohort, predictions = (stored[name].load() for name in ("cohort", "predictions"))
    keys = {cohort_checksum(cohort), development_key(predictions)}
    names = ("habitats", "tabular_learners", "multiple_instance", "multiclass", "survival")
    for name in names:
        added = stored[f"{name}_sections"].load()
        assert added.of in keys, name
        assert added.sections, name


def test_the_run_ends_with_the_table_and_where_to_look(study):
    project, output = study
    end = output[output.rindex("Benign or malignant") :]
    assert "SIMULATED patients" in end
    assert "Training, cross-fitted" in end
    for title in ("Clinical", "Rad", "DTL", "DLR", "CDLR", "make viz", "make mlflow"):
        assert title in end
    (report,) = (line for line in end.splitlines() if line.startswith("Report "))
    assert (project / report.split()[1]).is_file()


def test_a_log_in_a_file_has_a_line_for_each_record_and_step_and_no_piece_of_a_bar(miniature):
    # Fault: lines of 80 columns, forty of them for a step, and a fragment for each change of a bar.
    output = miniature.output
    log = output[: output.index("Benign or malignant")].splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+ ", line) for line in log if line)
    steps = [line for line in log if " Step " in line]
    assert steps[-1].partition(" Step ")[2].startswith(f"{len(steps)} of {len(steps)}: ")
    assert len(log) < 2 * len(steps)
    assert "%|" not in output
    assert miniature.errors == ""


def test_whatever_kedro_viz_may_preview_of_a_finished_study_it_can(study):
    # Fault: a preview whose arguments the dataset refuses, of which kedro-viz shows nothing.
    project, _ = study
    stored = datasets(project, "test")
    found = {}
    for name in sorted(pipelines["__default__"].all_outputs()):
        if hasattr(stored[name], "preview"):
            seen = preview_of(name, stored[name])
            if seen.data_node.is_preview_enabled():
                found[name] = seen.preview
    assert {"cohort", "lesions", "roc_figure", "shap_figures", "study_report"} <= set(found)
    assert [name for name, preview in found.items() if not preview] == []


def test_the_trackers_file_lies_in_the_project_and_names_no_patient_or_folder(study):
    project, _ = study
    with sqlite3.connect(project / "mlflow.db") as database:
        children = database.execute(
            "select count(*) from tags where key = 'mlflow.parentRunId'"
        ).fetchone()[0]
        tags = dict(database.execute("select key, value from tags where key not like 'mlflow.%'"))
        values = [value for (value,) in database.execute("select value from params")]
        names = {key for (key,) in database.execute("select key from params")}
    assert children >= 2 * len(MODELS)
    assert tags["patients"] == "simulated"
    assert len(tags["data_sha256"]) == 64
    assert "modeling.classifier.kind" in names
    cohort = table(project, "cohort")
    text = " ".join(values) + " ".join(tags.values())
    assert not any(lesion_id in text for lesion_id in cohort.index)
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    assert str(project) not in text
    assert str(project) not in report


def test_each_signature_is_tracked_with_the_settings_it_was_fitted_by_and_the_five_are_registered(
    study,
):
    # Fault: the clinical model, a logistic regression, tracked as an SVM behind a selection.
    project, _ = study
    with sqlite3.connect(project / "mlflow.db") as database:
        rows = database.execute(
            "select runs.name, params.key, value from params join runs using (run_uuid)"
        )
        told: dict[str, dict[str, str]] = {}
        for run, key, value in rows:
            told.setdefault(run, {})[key] = value
        registered = {n for (n,) in database.execute("select name from registered_models")}
        versions = database.execute("select distinct value from model_version_tags").fetchall()
    groups = {run: {key.split(".")[0] for key in params} for run, params in told.items()}
    assert told["clinical leak_free"]["classifier.kind"] == "logistic regression"
    assert not groups["clinical leak_free"] & {"selection", "harmonisation", "fusion"}
    assert not groups["rad leak_free"] & {"clinical", "fusion"}
    assert groups["cdlr leak_free"] >= {"clinical", "selection", "classifier", "fusion"}
    assert registered == {f"spl_kedro {name}" for name in MODELS}
    assert versions == [("simulated",)]


def test_the_machines_use_is_measured_once_while_a_run_lasts(study):
    # Fault: a monitor for each step, which fill the database and hold its connections.
    project, _ = study
    durations = json.loads((project / "data/test/08_reporting/run_durations.json").read_text())
    seconds = sum(sum(phases.values()) for phases in durations.values())
    with sqlite3.connect(project / "mlflow.db") as database:
        counts = dict(
            database.execute(
                "select key, count(*) from metrics where key like 'system/%' group by key"
            )
        )
    assert counts, "MLflow measured nothing"
    assert max(counts.values()) <= seconds / 10 + 2


#: One of each kind: models, tables, explanations, a record with a network, a page.
STARTS = (
    "modeling.leak_free.fit_models", "modeling.evaluation.measure_models",
    "explainability.draw_shap", "deep_features.record_deep_networks", "reporting.write_cards",
)  # fmt: skip


def test_a_run_starts_from_any_step_of_a_finished_study_and_changes_nothing(study):
    # Fault: a step that needs what an earlier one left in memory alone.
    project, _ = study
    stored = {path: path.read_bytes() for path in (project / "data/test").rglob("*.parquet")}
    finished = kedro(project, "run", "--env", "test", f"--nodes={','.join(STARTS)}")
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    changed = [path.name for path, content in stored.items() if path.read_bytes() != content]
    assert changed == []


PIPELINES = (
    "simulation", "data_processing", "radiomics", "deep_features", "modeling",
    "explainability", "reporting",
)  # fmt: skip


def test_pipelines_one_by_one_on_a_cluster_that_loses_a_worker_give_the_bytes_of_the_whole_study(
    study, tmp_path
):
    # Faults: a pipeline that needs what another left in the catalog; a draw without the seed; a
    # step that the cluster does in another order, or loses with the worker.
    project, _ = study
    again = make_project(tmp_path / "again")
    with running_cluster(tmp_path) as address, ThreadPoolExecutor(1) as pool:
        with (again / "conf/test/globals.yml").open("a") as globals_:
            globals_.write(f"scheduler: {address}\n")
        run = pool.submit(kedro_sessions, again, "test", *PIPELINES, drawn=False)
        killed = kill_worker_with(address, "cross_fitting", run.done)
        finished = run.result()
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    assert killed
    first = {p.relative_to(project): p for p in (project / "data/test").rglob("*.parquet")}
    second = {p.relative_to(again): p for p in (again / "data/test").rglob("*.parquet")}
    assert set(first) == set(second)
    different = [str(n) for n in first if first[n].read_bytes() != second[n].read_bytes()]
    assert different == []


@pytest.fixture(scope="module")
def images_alone(study, tmp_path_factory):
    """A hospital's study of the same images and diagnoses, without any clinical variable.

    The features are those already measured: they depend on no clinical variable.
    """
    first, _ = study
    project = make_project(tmp_path_factory.mktemp("images_alone"))
    for layer in ("04_feature", "05_model_input", "06_models", "08_reporting"):
        shutil.copytree(first / "data/test" / layer, project / "data/study" / layer)
    # What radiomics and the networks left out goes with their features.
    left_out = "03_primary/findings"
    (project / "data/study" / left_out).mkdir(parents=True)
    for name in ("radiomics", "deep"):
        for path in (first / "data/test" / left_out).glob(f"{name}*.parquet"):
            shutil.copy(path, project / "data/study" / left_out)
    for path in (project / "data/study").rglob("*clinical*"):
        path.unlink()
    for name in ("deep_features", "explainability", "modeling", "reporting"):
        shutil.copy(ROOT / f"conf/test/parameters_{name}.yml", project / "conf/study")
    (project / "conf/study/parameters_data_processing.yml").write_text(
        "data_processing: {simulated: false, clinical: []}\n"
    )
    (project / "conf/study/parameters_sealing.yml").unlink()  # open, as in base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(first / "data/test/01_raw/simulated"))
        finished = kedro(
            project, "run", "--env", "study",
            "--pipelines", "data_processing,modeling,explainability,reporting", drawn=False,
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return project, finished.stdout


def test_a_study_without_clinical_variables_runs_to_its_report_and_says_so(images_alone):
    project, output = images_alone
    data = project / "data/study"
    stored = {path.stem: path for path in data.rglob("*.parquet")}
    available = set(MODELS) - {"clinical"}
    for name in ("predictions", "performance", "comparisons", "shap_values", "nested_performance"):
        found = pd.read_parquet(stored[name])
        column = "model_a" if name == "comparisons" else "model"
        assert set(found[column]) <= available, name
    assert set(pd.read_parquet(stored["performance"])["model"]) == available
    assert set(pd.read_parquet(stored["table_one"])["variable"]) == {"n", "diagnosis"}
    end = " ".join(output[output.rindex("Benign or malignant") :].split())
    assert "Clinical: not available, no clinical variable in this study." in end
    for page in ("study_report.html", "model_card.md"):
        assert NO_CLINICAL_MODEL in (data / "08_reporting" / page).read_text()
    with sqlite3.connect(project / "mlflow.db") as database:
        tags = database.execute("select value from tags where key = 'not_available'").fetchall()
    assert tags == [("no clinical variable in this study",)] * 3


def test_without_clinical_variables_cdlr_gives_the_scores_of_dlr(images_alone):
    (path,) = (images_alone[0] / "data/study").rglob("predictions.parquet")
    scores = pd.read_parquet(path).set_index(["protocol", "cohort", "repeat", "lesion_id"])
    cdlr, dlr = (scores.loc[scores["model"] == name, "score"] for name in ("cdlr", "dlr"))
    pd.testing.assert_series_equal(cdlr, dlr)


def test_the_notebook_of_the_cohort_runs_on_a_finished_study(study, tmp_path):
    project, _ = study
    shown = executed("explore_cohort", tmp_path, SPL_KEDRO_ROOT=str(project), SPL_KEDRO_ENV="test")
    assert "76 lesions of simulated patients" in shown
    assert "lesion_size_mm" in shown


def test_the_notebook_of_runs_compares_two_studies_of_the_same_lesions(
    study, images_alone, tmp_path
):
    shown = executed(
        "compare_runs", tmp_path, SPL_KEDRO_ROOT=str(study[0]), SPL_KEDRO_ENV="test",
        SPL_KEDRO_OTHER=str(images_alone[0]), SPL_KEDRO_OTHER_ENV="study",
        STUDY_DIR=str(study[0] / "data/test/01_raw/simulated"),
    )  # fmt: skip
    assert "2 runs, simulated patients" in shown
    assert "clinical_rad" in shown


def test_a_lesion_measured_by_itself_has_the_bits_of_the_run(study):
    project, _ = study
    opened = api.open_study(project, env="test")
    lesion_id = opened.cohort.index[-1]
    lesion = opened.lesion(lesion_id)
    for measured, name in (
        (api.radiomics_features(lesion, opened), "radiomics_features"),
        (api.deep_embedding(lesion, opened), "deep_embeddings"),
    ):
        pd.testing.assert_series_equal(
            measured, table(project, name).loc[lesion_id], check_index_type=False,
            check_names=False, rtol=0, atol=0,
        )  # fmt: skip
    raw = project / "data/test/01_raw/simulated"
    row = pd.read_csv(raw / "cohort.csv", dtype=str).set_index("case_id").loc[lesion_id]
    read = api.read_lesion(
        raw / "images" / row["image_file"], raw / "outlines" / row["outline_file"], opened
    )
    np.testing.assert_array_equal(read.image, lesion.image)
    np.testing.assert_array_equal(read.mask, lesion.mask)


def test_runs_are_compared_where_their_lesions_are_the_same_and_only_there(study, images_alone):
    project, _ = study
    first = api.open_study(project, env="test")
    same = api.compare_runs({"first": first, "again": first}).query("run == 'again'")
    assert (same["difference"] == 0).all()
    assert (same["p"] == 1).all()
    told = table(project, "performance").query(
        "metric == 'auc' and cohort == 'validation' and protocol == 'leak_free'"
    )
    np.testing.assert_array_equal(same["auc"], told["value"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(project / "data/test/01_raw/simulated"))
        other = api.open_study(images_alone[0], env="study")
    found = api.compare_runs({"first": first, "images": other}).query("run == 'images'")
    found = found.set_index("model")
    gained = found["auc"] - told.set_index("model")["value"].reindex(found.index)
    same_lesions = first.cohort.query("cohort == 'validation'").index.equals(
        other.cohort.query("cohort == 'validation'").index
    )
    if same_lesions:
        np.testing.assert_allclose(found["difference"], gained, atol=1e-12)
    else:
        assert found["difference"].isna().all()
    assert api.compare_runs({"a": first, "b": first}, "training")["difference"].isna().all()


@pytest.fixture(scope="module")
def scored(study):
    """Return the external patients' scores as those of new cases, by the packaged study."""
    project, _ = study
    raw, cases = project / "data/test/01_raw/simulated", project / "cases"
    hospital = pd.read_csv(raw / "cohort.csv", dtype=str, keep_default_na=False)
    external = hospital[hospital["centre"] == "centre_b"].drop(columns=["pathology", "histology"])
    cases.mkdir()
    external.to_csv(cases / "list.csv", index=False)
    for column, kind in (("image_file", "images"), ("outline_file", "outlines")):
        (cases / kind).mkdir()
        for name in external[column]:
            shutil.copy(raw / kind / name, cases / kind)
    for arguments in (
        ("--pipelines", "assisted_outlines,sceptic,package_study"),
        ("--pipelines", "inference", "--params", f"inference.cases={cases / 'list.csv'}"),
    ):
        finished = kedro(project, "run", "--env", "test", *arguments)
        assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return project, finished.stdout


def test_a_packaged_study_gives_its_external_patients_the_bits_of_their_scores(scored):
    project, _ = scored
    told = table(project, "predictions").query("protocol == 'leak_free' and cohort == 'external'")
    told = told.set_index(["model", "lesion_id"])["score"]
    own = table(project, "inference_scores").set_index(["model", "lesion_id"])["score"]
    assert len(own) == len(told) > 0
    np.testing.assert_array_equal(own.loc[told.index], told)


def test_every_new_case_has_a_page_and_the_run_says_where(scored):
    project, said = scored
    pages = {p.stem: p.read_text() for p in (project / "data/test/08_reporting/patients").iterdir()}
    scores = table(project, "inference_scores")
    assert set(pages) == set(scores["lesion_id"])
    assert "08_reporting/patients" in said
    # These lesions were measured by the study.
    assert f"radiomics: {len(pages)} of {len(pages)}" in said[said.index("Reused ") :]
    reasons = table(project, "inference_reasons")
    assert set(reasons["lesion_id"]) == set(pages)
    page = next(iter(pages.values()))
    assert "simulated patients" in page
    assert "refits of the model on resampled patients give" in page
    # In miniature no map is made where the deep signature kept nothing.
    assert page.count("data:image/png;base64,") in (0, 2)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious_in_report_calculator_and_a_patients_page(scored, browser, width):
    folder = scored[0] / "data/test/08_reporting"
    pages = [folder / "study_report.html", folder / "calculator.html"]
    pages.append(min((folder / "patients").glob("*.html")))
    assert {page.name: grave_in(browser, page, width) for page in pages} == {
        page.name: [] for page in pages
    }


def test_a_sceptic_examines_a_finished_study_and_the_report_tells_of_it(scored):
    # Fault: an examination of other models, or in other folds.
    project, _ = scored
    controls = table(project, "sceptic_controls").set_index("control")
    performance = table(project, "performance").query("metric == 'auc' and cohort == 'training'")
    auc = performance[performance["protocol"] == "leak_free"].set_index("model")["value"]
    assert controls.loc["image", "auc"] == pytest.approx(auc["rad"], abs=1e-12)
    assert controls.loc["full", "auc"] == pytest.approx(auc["cdlr"], abs=1e-12)
    assert controls["auc"].drop("site").notna().all()
    assert controls.loc["site", "note"] == "one site"
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    for title in ("Negative controls", *controls["title"].drop(["image", "full"])):
        assert title in report


def test_lesions_outlined_by_machine_are_files_and_a_section_of_the_report(scored):
    project, _ = scored
    cohort, scores = table(project, "cohort"), table(project, "assisted_outlines_scores")
    assert set(scores["lesion_id"]) == set(cohort.index)
    own = scores.query("method == 'network' and prompt == 'box' and outlined")["lesion_id"]
    names = table(project, "machine_outline_files").set_index("lesion_id")["file"]
    folder = project / "data/test/07_model_output/machine_outlines"
    assert {path.name for path in folder.iterdir()} == set(names.loc[own])
    assert set(names) <= {
        p.name for p in (project / "data/test/01_raw/simulated/outlines").iterdir()
    }
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    assert 'id="assisted-outlines"' in report
    assert 'id="outline-comparison"' not in report


def test_new_images_are_outlined_and_a_study_takes_outlines_back_in_its_readers_cohorts(scored):
    # Fault: patients divided anew where the machine failed on a lesion.
    project, _ = scored
    raw, boxes = project / "data/test/01_raw/simulated", project / "boxes.csv"
    cohort = table(project, "cohort")
    masks = {name: np.asarray(Image.open(raw / "outlines" / f"{name}.png")) > 0
             for name in cohort.index[:3]}  # fmt: skip
    rows = [("image", "x", "y", "width", "height")]
    for name, mask in masks.items():
        (top, bottom), (left, right) = (np.flatnonzero(mask.any(axis))[[0, -1]] for axis in (1, 0))
        rows.append((f"{name}.png", left, top, right - left, bottom - top))
    rows.append(("nobody.png", 1, 1, 9, 9))
    boxes.write_text("\n".join(",".join(map(str, row)) for row in rows))
    corrected = project / "corrected"
    shutil.copytree(raw / "outlines", corrected)
    failed = cohort.index[cohort["cohort"] == "training"][0]
    (corrected / f"{failed}.png").unlink()
    lay_over(project, "machine_outlines", "test")
    told = project / "conf/machine_outlines/globals.yml"
    told.write_text(told.read_text().replace("reader_data: data", "reader_data: data/test"))
    given = f"outline_new_images.boxes={boxes},outline_new_images.images={raw / 'images'}"
    finished = kedro_commands(
        project,
        ["run", "--env", "test", "--pipelines", "outline_new_images", "--params", given],
        ["run", "--env", "machine_outlines", "--to-outputs", "cohort,data_processing_findings",
         "--params", f"outline_comparison.outlines={corrected}"],
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    outlines = project / "data/test/07_model_output/new_outlines"
    missing = pd.read_csv(project / "data/test/03_primary/findings/new_outlines.csv")
    # A network of one epoch may fail; what it failed on is named too.
    made = {path.stem for path in outlines.iterdir()} if outlines.exists() else set()
    assert made | set(missing["lesion_id"]) == {*masks, "nobody"}
    assert not made & set(missing["lesion_id"])
    folder = project / "data/machine_outlines/03_primary"
    again = pd.read_parquet(folder / "cohort.parquet")
    assert again["cohort"].to_dict() == cohort["cohort"].drop(failed).to_dict()
    findings = pd.read_parquet(folder / "findings/data_processing.parquet")
    left_out = findings[findings["action"] == "quarantined"]
    assert left_out["lesion_id"].tolist() == [failed]


def test_other_outlines_are_scored_by_the_studys_own_models_and_told_in_the_report(scored):
    project, _ = scored
    predictions = table(project, "predictions").query("protocol == 'leak_free' and repeat == 0")
    own = predictions.set_index(["model", "lesion_id"])["score"]
    scores = table(project, "sceptic_outline_scores").set_index(["model", "lesion_id"])
    original = scores.query("kind == 'original'")
    assert set(original.index.get_level_values("model")) == {"rad", "dtl", "dlr", "cdlr"}
    np.testing.assert_array_equal(original["score"], own.loc[original.index])
    # Cross-fitted where the lesion was learnt from.
    training = original.query("cohort == 'training'")
    assert (training["fold"] >= 0).all()
    assert original.index.get_level_values("lesion_id").nunique() == 20
    areas = table(project, "sceptic_outline_auc")
    assert set(areas["cohort"]) == {"training", "validation", "external"}
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    assert "Other outlines" in report


def test_refits_are_in_the_report_and_travel_to_the_scores_of_new_cases(scored):
    project, _ = scored
    report = (project / "data/test/08_reporting/study_report.html").read_text()
    assert "Stability for one patient" in report
    told = table(project, "sceptic_instability_summary").set_index("model")
    assert list(told.index) == list(MODELS)
    assert set(told["refits"]) == {6}
    own = table(project, "inference_scores").set_index("model").loc[list(MODELS)]
    assert set(own["refits"]) == {6}
    assert (own["refit_low"] <= own["refit_high"]).all()
    assert own["refits_otherwise"].between(0, 1).all()
