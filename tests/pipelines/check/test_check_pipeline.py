"""`kedro run --pipelines check`: a page, and nothing of the study touched."""

import pandas as pd
import pytest
from tests.projects import kedro, make_project


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("check") / "project")
    made = kedro(project, "run", "--env", "test", "--pipelines", "simulation,check")
    assert made.returncode == 0, made.stderr[-3000:]
    return project, made.stdout


def test_the_page_shows_every_outline_and_the_run_ends_with_its_counts_and_place(checked):
    project, printed = checked
    table = pd.read_csv(project / "data/test/01_raw/simulated/cohort.csv")
    page = (project / "data/test/08_reporting/check.html").read_text(encoding="utf-8")
    assert f"of {len(table)}, simulated patients" in page
    assert f"{len(table)} lesions: {len(table)} usable, 0 quarantined" in printed
    assert "data/test/08_reporting/check.html" in printed


def test_nothing_that_the_study_reads_is_written(checked):
    project, _ = checked
    written = {path.name for path in (project / "data/test").rglob("*") if path.is_file()}
    assert "cohort.parquet" not in written
    assert not list((project / "data/test").rglob("*.npz"))
    assert not (project / "mlflow.db").exists() or not list((project / "mlruns").rglob("*.skops"))
