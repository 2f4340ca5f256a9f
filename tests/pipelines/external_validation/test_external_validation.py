"""A packaged study in miniature meets its own external patients as if they were strangers."""

import json
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from tests.pipelines.external_validation.stranger import environment, hand_over
from tests.projects import kedro, make_project

TABLES = ("performance", "comparisons", "added_value", "calibration", "decision_curves")


def table(project, env, name, validation=True):
    folder = "*/external_validation" if validation else "*"
    (path,) = (project / "data" / env).glob(f"{folder}/{name}.parquet")
    return pd.read_parquet(path)


def ran(finished):
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return finished.stdout


@pytest.fixture(scope="module")
def project(miniature, tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("external") / "project")
    miniature.handed_to(project)
    ran(kedro(project, "run", "--env", "test", "--pipelines", "package_study"))
    hospital = project.parent / "hospital"
    hand_over(project / "data/test/01_raw/simulated", hospital)
    environment(project / "conf/hospital_b", hospital)
    return project


def study(project):
    return project / "data/test/06_models/study.spl"


@pytest.fixture(scope="module")
def validated(project):
    given = f"external_validation.study={study(project)}"
    return ran(
        kedro(
            project, "run", "--env", "hospital_b", "--pipelines", "external_validation",
            "--params", given,
        )
    )  # fmt: skip


def test_strangers_get_the_scores_they_had_in_the_run_that_fitted_the_study(project, validated):
    # Fault: anything refitted, or measured by the settings of the new environment.
    keys = ["lesion_id", "model"]
    before = table(project, "test", "predictions", validation=False)
    before = before.query("protocol == 'leak_free' and cohort == 'external'")
    here = table(project, "hospital_b", "predictions")
    assert len(here) == len(before) > 0
    first, second = (t.set_index(keys)["score"].sort_index() for t in (before, here))
    assert first.index.equals(second.index)
    assert (first.to_numpy() == second.to_numpy()).all()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_external_rows_of_that_run_to_the_last_digit(project, validated, name):
    before = table(project, "test", name, validation=False)
    before = before[before["cohort"] == "external"]
    if "protocol" in before:
        before = before[before["protocol"] == "leak_free"]
    here = table(project, "hospital_b", name)
    pd.testing.assert_frame_equal(before.reset_index(drop=True), here, check_exact=True)


def test_subgroups_are_cut_where_the_study_cut_its_own(project, validated):
    # Fault: the new cohort's own median, by which other patients are "old".
    before = table(project, "test", "subgroups", validation=False)
    rows = "protocol == 'leak_free' and cohort == 'external' and variable != 'site'"
    here = table(project, "hospital_b", "subgroups").query(rows)
    assert {"age", "lesion_size_mm"} <= set(here["variable"])
    pd.testing.assert_frame_equal(
        before.query(rows).reset_index(drop=True), here.reset_index(drop=True), check_exact=True
    )


def test_each_run_is_a_look_that_is_logged_with_its_plan(project, validated):
    folder = project / "data/hospital_b/03_primary/external_validation/sealing"
    plan = json.loads((folder / "analysis_plan.json").read_text())
    (look,) = map(json.loads, (folder / "looks.jsonl").read_text().splitlines())
    assert plan["parameters"]["study"] == plan["models"]["cdlr"].removeprefix("frozen, of study ")
    assert look["plan"] == plan["sha256"]
    assert look["kind"] == "external validation"
    assert look["scored"] == {"external": {"lesions": 16, "patients": 16}}
    report = project / "data/hospital_b/08_reporting/external_validation/report.html"
    assert "1 look at the lesions outside the training cohort was taken." in report.read_text()


def test_the_thresholds_are_those_of_the_study(project, validated):
    before = table(project, "test", "thresholds", validation=False)
    before = before[before["protocol"] == "leak_free"].set_index("model")["threshold"]
    here = table(project, "hospital_b", "thresholds").set_index("model")["threshold"]
    assert (here == before.loc[here.index]).all()
    benefit = table(project, "hospital_b", "threshold_benefit").set_index("model")
    assert (benefit["threshold"] == before.loc[benefit.index]).all()


def test_case_mix_and_development_stand_beside_the_new_figures(project, validated):
    mix = table(project, "hospital_b", "case_mix")
    assert set(mix["kind"]) == {"outcome", "clinical", "linear predictor"}
    scores = table(project, "hospital_b", "predictions").query("model == 'rad'")["score"]
    rad = mix.query("kind == 'linear predictor' and name == 'rad'").iloc[0]
    assert rad["mean"] == pytest.approx(np.log(scores / (1 - scores)).mean())
    membership = table(project, "hospital_b", "membership")
    assert membership["model"].tolist() == ["", "rad", "dtl", "dlr"]
    assert membership["c_statistic"].between(0.5, 1).all()
    comparison = table(project, "hospital_b", "development_comparison")
    assert set(comparison["development_cohort"]) == {"training", "validation"}


def test_the_report_names_the_study_and_says_that_nothing_was_refitted(project, validated):
    with zipfile.ZipFile(study(project)) as archive:
        study_id = json.loads(archive.read("manifest.json"))["study_id"]
    folder = project / "data/hospital_b/08_reporting/external_validation"
    report = (folder / "report.html").read_text()
    for words in (
        study_id, "Nothing was refitted", "Simulated patients", "Case mix",
        "Comparison with development", "TRIPOD+AI, evaluation",
    ):  # fmt: skip
        assert words in report, words
    end = validated[validated.rindex("Benign or malignant") :]
    assert f"Study {study_id} at its own thresholds" in end
    assert "Training" not in end
    listed = pd.read_csv(folder / "checklists.csv")
    assert not {"9a", "12a", "12b", "12c", "15", "22", "27a", "27b"} & set(listed["number"])
    assert {"12g", "20c"} <= set(listed.loc[listed["status"] == "shown", "number"])


def test_models_that_need_a_variable_the_cohort_lacks_are_not_applicable(project, validated):
    # Fault: a whole column imputed, whose models would be reported as if it had been measured.
    variables = table(project, "hospital_b", "variables").set_index("variable")
    lacking = variables.index[variables["needed_by"].str.contains("cdlr")][0]
    conf = project / "conf/hospital_c"
    environment(conf, project.parent / "hospital", without=(lacking,))
    with (conf / "catalog.yml").open("a") as catalog:
        catalog.write(
            "external_validation_study:\n"
            "  type: spl_kedro.datasets.study_package.StudyPackageDataset\n"
            f"  filepath: {study(project)}\n"
        )
    output = ran(
        kedro(
            project, "run", "--env", "hospital_c", "--pipelines", "external_validation", drawn=False
        )
    )  # fmt: skip
    applies = table(project, "hospital_c", "applicability").set_index("model")
    not_here = applies[~applies["applicable"]]
    assert set(not_here.index) == set(variables.loc[lacking, "needed_by"].split(", "))
    assert not_here["reason"].str.contains(lacking).all()
    measured = set(applies.index[applies["applicable"]])
    assert {"rad", "dtl", "dlr"} <= measured
    for name in ("predictions", "performance"):
        assert set(table(project, "hospital_c", name)["model"]) == measured
    same = table(project, "hospital_b", "predictions").query("model == 'dlr'")
    here = table(project, "hospital_c", "predictions").query("model == 'dlr'")
    assert (same["score"].to_numpy() == here["score"].to_numpy()).all()
    report = project / "data/hospital_c/08_reporting/external_validation/report.html"
    for told in (output, report.read_text()):
        assert "Not applicable here: " in told


def test_a_study_that_was_changed_is_refused_in_one_line(project, tmp_path):
    changed = tmp_path / "changed.spl"
    shutil.copy(study(project), changed)
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    finished = kedro(
        project, "run", "--env", "hospital_b", "--pipelines", "external_validation",
        "--params", f"external_validation.study={changed}",
    )  # fmt: skip
    assert finished.returncode != 0
    last = finished.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: a whole, unchanged packaged study: changed.spl is none")
    assert "Traceback" not in finished.stdout + finished.stderr
