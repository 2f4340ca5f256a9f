"""What a hospital's files tell of patients is written nowhere, in a study run as a user runs it."""

import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from tests.planted import COLUMNS, FILE_NAME, PIXELS, TEXTS, found, hospital
from tests.projects import SMALLEST, kedro_process, make_project
from tests.sockets import asked_of_others, watching

PARAMETERS = """
sealing: {sealed: false}
data_processing:
  simulated: false
  columns: {image: picture, masks: null, site: null}
  split: {external_sites: []}
deep_features: {image_size: 64, components: 8, threads: 1}
"""


def test_the_search_finds_each_of_them_where_it_was_planted(tmp_path):
    hospital(tmp_path, patients=6)
    told = " ".join(found(tmp_path, [*TEXTS, PIXELS, FILE_NAME]))
    assert len(TEXTS) + 1 == 15
    for what in (*TEXTS, FILE_NAME):
        assert what in told, what
    assert repr(PIXELS) in told


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished study of such a hospital, the hospital's table, and what the run printed."""
    project = make_project(tmp_path_factory.mktemp("privacy"))
    for path in (project / "conf/study").glob("parameters_*.yml"):
        path.unlink()
    (project / "conf/study/parameters_small.yml").write_text(PARAMETERS + SMALLEST)
    folder = tmp_path_factory.mktemp("hospital")
    table = hospital(folder, patients=44)
    # One cannot be read, which the study tells of.
    (folder / "images" / table["picture"].iloc[-1]).write_bytes(b"no picture")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder))
        for name, value in watching(folder / "watch").items():
            patch.setenv(name, value)
        finished = kedro_process(project, "run", "--env", "study", "--pipelines", "cdlr")
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    shutil.rmtree(project / "conf")
    (project / "src/spl_kedro").unlink()
    (project / "printed.txt").write_text(finished.stdout + finished.stderr)
    return project, table, asked_of_others(folder / "watch")


def test_nothing_planted_is_found_in_whatever_a_study_writes(study):
    project, *_ = study
    assert found(project, TEXTS) == []
    # The study's own pictures are its data; nothing else holds the corner of one.
    pixels = found(project, [PIXELS])
    assert len(pixels) > 10
    assert [place for place in pixels if "/03_primary/lesions/" not in place] == []


def test_no_name_of_a_file_is_found_but_the_lesions_own_keys_are(study):
    project, table, _ = study
    # The findings alone name the file that cannot be read, for whoever is to mend it.
    places = [place.rpartition("/")[2] for place in found(project, [FILE_NAME])]
    tables = ("data_processing", "findings", "quarantine")
    names = {f"{name}.{kind}" for name in tables for kind in ("parquet", "csv")}
    assert set(places) == names | {"checked_findings.parquet"}
    (report,) = (project / "data").rglob("study_report.html")
    assert table["case_id"].iloc[-1] in report.read_text()
    (cohort,) = (project / "data").rglob("cohort.parquet")
    assert set(pd.read_parquet(cohort).index) <= set(table["case_id"])


def test_the_audit_of_columns_says_of_each_that_it_was_not_read(study):
    (path,) = study[0].rglob("column_audit.parquet")
    use = pd.read_parquet(path).set_index("column")["use"]
    assert set(use[list(COLUMNS)]) == {"not mapped"}


def test_a_run_asks_nothing_of_another_machine(study):
    assert study[2] == []


def test_a_request_of_another_machine_is_told_of(tmp_path):
    # The watch itself: 192.0.2.1 is nobody's address (RFC 5737).
    lines = "import socket; s = socket.socket(); s.settimeout(0.01); s.connect_ex(('192.0.2.1', 9))"
    environment = os.environ | watching(tmp_path / "watch")
    subprocess.run([sys.executable, "-c", lines], env=environment, check=False)
    assert asked_of_others(tmp_path / "watch") == ["socket.connect 192.0.2.1:9"]
