"""Tables as hospitals hand them over, each run through Kedro as a study of its own."""

import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from openpyxl import Workbook
from tests.hospital import hand_over, simulate
from tests.projects import kedro, make_project

COLUMNS = ["case_id", "patient_id", "pathology", "age", "sex"]
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Runs data_processing on each table in turn, with the catalog of conf/study, and tells how each
# run ended. One session serves all: loading the configuration takes longer than such a run.
RUNNER = """
import json, shutil, sys
from pathlib import Path
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
import pandas as pd
project, table, *contents = map(Path, sys.argv[1:])
bootstrap_project(project)
from spl_kedro.faults import one_line
data = project / "data/study"
ended = {}
def stored(name):
    return pd.read_parquet(next(data.rglob(name + ".parquet")))
# Open, since what becomes of every row is asked here.
opened = {"sealing": {"sealed": False}}
with KedroSession.create(project, env="study", runtime_params=opened) as session:
    catalog = session.load_context().catalog
    for content in contents:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copy(content, table)
        try:
            SequentialRunner().run(pipelines["data_processing"], catalog)
        except Exception as error:
            ended[content.name] = {"line": one_line(error), "stored": data.exists()}
        else:
            cohort = stored("cohort").reset_index().drop(columns="image_sha256")
            ended[content.name] = {
                "cohort": cohort.to_json(),
                "quarantine": pd.read_parquet(data / "03_primary/quarantine").to_dict("records"),
                "columns": stored("column_audit").set_index("column").to_dict("index"),
            }
(project / "ended.json").write_text(json.dumps(ended))
"""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    table = hand_over(simulate(16), folder)[COLUMNS].copy()
    table["age"] = [f"{40 + i},5" for i in range(len(table))]
    return folder, table.assign(sex=["female", "male"] * 8)


def csv(table, separator=",", encoding="utf-8", **changes):
    return table.rename(columns=changes).to_csv(index=False, sep=separator).encode(encoding)


def xlsx(table, folder):
    book = Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Patients")
    sheet.append(list(table.columns))
    for row in table.itertuples(index=False):
        sheet.append([float(c.replace(",", ".")) if c[0].isdigit() else c for c in row])
    book.save(folder / "book.xlsx")
    return (folder / "book.xlsx").read_bytes()


def same_cohort(table, folder):
    """Return forms of one table that give the same cohort."""
    odd = {"case_id": "\u00a0Case_ID ", "pathology": "PATHOLOGY", "age": "age\n"}
    return {
        "comma": csv(table),
        "semicolon in UTF-16": csv(table, ";", "utf-16"),
        "tab with a byte order mark": csv(table, "\t", "utf-8-sig"),
        "bar in Latin-1": csv(table.assign(ward="Männer"), "|", "latin-1"),
        "decimal points": csv(table.assign(age=table["age"].str.replace(",", "."))),
        "headers in other letters": csv(table, **odd),
        "a workbook named .csv": xlsx(table, folder),
        "patients as numbers with .0": csv(
            table.assign(patient_id=[f"{i}.0" for i in range(len(table))])
        ),
        "a column that is the same for everyone": csv(table.assign(ward="A")),
    }


def refused(table):
    """Return tables no study can begin with, and words of the line that says so."""
    text = csv(table)
    return {
        "empty": (b"", "the file is empty"),
        "header alone": (text.splitlines()[0], "a header and no row"),
        "ragged": (text + b"a,b,c,1,2,3,4\n", "row 18 has 7 cells, the header 5"),
        "one name twice": (csv(table, sex="age"), "'age' stand over several columns"),
        "two that fit": (csv(table.assign(Sex="f"), sex="SEX"), "the columns 'SEX', 'Sex' fit"),
        "no diagnosis": (
            csv(table, pathology="patology"),
            "'pathology' (data_processing.columns.label; near: 'patology')",
        ),
        "two separators": (b"case_id;a,b\n1;2,3\n", "Set `separator` of cohort_table"),
        "another code page": (
            csv(table.assign(sex="kobieta, żona"), ";", "cp1250").replace(b"sex", b"p\xb3e\xe6"),
            "Save the table as UTF-8, or set `encoding`",
        ),
        "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary data of another kind"),
        "a locked workbook": (
            CFB + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        "a damaged workbook": (b"PK\x03\x04 damaged", "damaged or no Excel workbook"),
        "one class": (
            csv(table.assign(pathology="benign")),
            "there are 16 benign and 0 malignant",
        ),
        "no known diagnosis": (
            csv(table.assign(pathology="perhaps")),
            "benign or malignant by the reference standard (16)",
        ),
    }


# Column, cell, and the rule that sends its row, and no other, to quarantine.
CELLS = [
    ("pathology", "#REF!", "a cell without an error of Excel"),
    ("pathology", "perhaps", "benign or malignant by the reference standard"),
    ("patient_id", " \u00a0", "a patient identifier"),
    ("age", "old", "a number where one is expected"),
    ("age", "7", "a value within its variable's range"),
    ("sex", "q", "a known category"),
    ("sex", "#N/A", "a cell without an error of Excel"),
]


@pytest.fixture(scope="module")
def ended(hospital, tmp_path_factory):
    """How the study of each table ends: by kind, the cohort or the one line."""
    folder, table = hospital
    project = make_project(tmp_path_factory.mktemp("tables") / "project")
    faulty = table.copy()
    for row, (column, cell, _) in enumerate(CELLS):
        faulty.loc[row, column] = cell
    constant = table.assign(age="61", sex="")
    tables = same_cohort(table, folder)
    tables |= {kind: content for kind, (content, _) in refused(table).items()}
    tables |= {"cells": csv(faulty), "without information": csv(constant)}
    study, contents = project.parent / "study", {}
    study.mkdir()
    for name in ("images", "outlines"):
        (study / name).symlink_to(folder / name)
    for number, (kind, content) in enumerate(tables.items()):
        contents[kind] = project.parent / f"{number:02d}"
        contents[kind].write_bytes(content)
    finished = subprocess.run(
        [sys.executable, "-c", RUNNER, str(project), str(study / "cohort.csv"),
         *map(str, contents.values())],
        env=os.environ | {
            "SPL_KEDRO_ROOT": str(project),
            "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
            "STUDY_DIR": str(study),
        },
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    found = json.loads((project / "ended.json").read_text())
    return {kind: found[path.name] for kind, path in contents.items()}


def test_one_table_in_every_form_gives_the_same_cohort(hospital, ended):
    folder, table = hospital
    cohorts = {kind: ended[kind].get("cohort", ended[kind]) for kind in same_cohort(table, folder)}
    reference = json.loads(cohorts["comma"])
    assert len(reference["lesion_id"]) == 16
    assert sorted(reference["age"].values()) == [40.5 + i for i in range(16)]
    patients = cohorts.pop("patients as numbers with .0")
    assert sorted(json.loads(patients)["patient_id"].values(), key=int) == list(map(str, range(16)))
    different = [kind for kind, cohort in cohorts.items() if cohort != cohorts["comma"]]
    assert different == []


def test_a_table_that_cannot_be_used_ends_in_one_line_and_nothing_is_stored(hospital, ended):
    for kind, (_, words) in refused(hospital[1]).items():
        assert words in (ended[kind].get("line") or ""), (kind, ended[kind])
        assert "\n" not in ended[kind]["line"]
        assert "Remedy: " in ended[kind]["line"]
        assert not ended[kind]["stored"], kind


def test_a_cell_that_breaks_a_rule_leaves_its_row_out_and_no_other(hospital, ended):
    table = hospital[1]
    found = pd.DataFrame(ended["cells"]["quarantine"])
    assert len(json.loads(ended["cells"]["cohort"])["age"]) == len(table) - len(CELLS)
    for row, (_, _, rule) in enumerate(CELLS):
        rules = found.loc[found["lesion_id"] == table["case_id"][row], "rule"]
        assert rule in set(rules), (rule, set(rules))
    assert (found["remedy"].str.len() > 10).all()


def test_variables_without_information_are_listed_and_left_out(ended):
    columns = ended["without information"]["columns"]
    assert columns["age"] == {
        "use": "left out",
        "reason": "variable age: the same for every usable lesion that has a value: 61",
    }
    assert columns["sex"] == {
        "use": "left out",
        "reason": "variable sex: no usable lesion has a value",
    }
    assert not {"age", "sex"} & set(json.loads(ended["without information"]["cohort"]))


@pytest.mark.timeout(900)
def test_the_terminal_shows_one_line_for_a_fault_and_no_traceback(tmp_path, monkeypatch):
    project = make_project(tmp_path / "project")
    study = tmp_path / "study"
    study.mkdir()
    monkeypatch.setenv("STUDY_DIR", str(study))
    monkeypatch.delenv("SPL_KEDRO_TRACEBACK", raising=False)
    table = study / "cohort.csv"

    def pipe():
        os.mkfifo(table)

    def locked():
        table.unlink()
        table.write_bytes(CFB + "EncryptedPackage".encode("utf-16-le"))

    for make, words in ((pipe, "is a device or pipe"), (locked, "protected by a password")):
        make()
        finished = kedro(project, "run", "--env", "study", "--pipeline", "data_processing")
        assert finished.returncode != 0
        output = finished.stdout + finished.stderr
        told = [line for line in output.splitlines() if words in line]
        assert len(told) == 1, output[-3000:]
        assert told[0].startswith("Error: cohort.csv: ")
        assert finished.stderr.strip().splitlines()[-1] == told[0]
        assert "Traceback" not in output
        assert not list(project.glob("data/study/**/*.parquet"))
    shutil.rmtree(study)
    monkeypatch.setenv("SPL_KEDRO_TRACEBACK", "1")
    finished = kedro(project, "run", "--env", "study", "--pipeline", "data_processing")
    assert "Traceback" in finished.stderr
    assert "there is no file" in finished.stderr
