"""Tables as hospitals hand them over, each run through Kedro as a study of its own."""

import json

import pandas as pd
import pytest
from tests.matrix.hospital import sound, write_hospital
from tests.matrix.kinds import Kind, Outcome
from tests.matrix.registers import TABLES
from tests.matrix.tables.settled import GONE, SETTINGS
from tests.matrix.tables.writing import csv
from tests.projects import make_project, python

COLUMNS = ["case_id", "patient_id", "pathology", "age", "sex"]
REFERENCE = "CSV with commas"

# Runs data_processing on each table in turn, with the catalog of conf/study, and tells how each
# run ended. One session serves all: loading the configuration takes longer than such a run. Most
# tables give the same cohort, which is described once: that takes as long as all the rest.
RUNNER = """
import json, shutil, sys
from pathlib import Path
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
import pandas as pd
project, table, contents = map(Path, sys.argv[1:])
bootstrap_project(project)
from spl_kedro.faults import one_line
data = project / "data/study"
ended, described = {}, set()
description = pipelines["data_processing"].from_nodes("data_processing.describe_cohort")
def stored(name):
    return pd.read_parquet(next(data.rglob(name + ".parquet")))
# Open, since what becomes of every row is asked here.
opened = {"sealing": {"sealed": False}}
with KedroSession.create(project, env="study", runtime_params=opened) as session:
    catalog = session.load_context().catalog
    settings = catalog.load("params:data_processing")
    for content, changes in json.loads(contents.read_text()):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copy(contents.parent / content, table)
        changed = type(settings)(**settings.model_dump() | changes)
        catalog["params:data_processing"] = changed
        try:
            SequentialRunner().run(pipelines["data_processing"] - description, catalog)
            if (found := stored("cohort").to_json()) not in described:
                described.add(found)
                SequentialRunner().run(description, catalog)
        except Exception as error:
            ended[content] = {"line": one_line(error), "stored": data.exists()}
        else:
            cohort = stored("cohort").reset_index().drop(columns="image_sha256")
            findings = stored("data_processing")
            quarantined = findings["action"] == "quarantined"
            ended[content] = {
                "cohort": cohort.to_json(),
                "quarantine": findings[quarantined].to_dict("records"),
                "others": findings[~quarantined].to_dict("records"),
                "columns": stored("column_audit").set_index("column").to_dict("index"),
            }
(project / "ended.json").write_text(json.dumps(ended))
"""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    write_hospital(folder, sound(16))
    table = pd.read_csv(folder / "cohort.csv", dtype=str)[COLUMNS]
    table["age"] = [f"{40 + i},5" for i in range(len(table))]
    return folder, table.assign(sex=["female", "male"] * 8)


@pytest.fixture(scope="module")
def ended(hospital, tmp_path_factory):
    """How the study of each table ends: by kind, the cohort or the one line."""
    folder, table = hospital
    project = make_project(tmp_path_factory.mktemp("tables") / "project")
    tables = {one.name: one.make(table.copy()) for one in TABLES}
    tables["without information"] = csv(table.assign(age="61", sex=""))
    study, contents = project.parent / "study", []
    study.mkdir()
    for name in ("images", "outlines"):
        (study / name).symlink_to(folder / name)
    for number, (kind, content) in enumerate(tables.items()):
        (project.parent / f"{number:03d}").write_bytes(content)
        contents.append((f"{number:03d}", SETTINGS.get(kind, {})))
    (project.parent / "contents.json").write_text(json.dumps(contents))
    given = (str(project), str(study / "cohort.csv"), str(project.parent / "contents.json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(study))
        finished = python(project, "-c", RUNNER, *given)
    assert finished.returncode == 0, finished.stderr[-3000:]
    found = json.loads((project / "ended.json").read_text())
    return {kind: found[number] for kind, (number, _) in zip(tables, contents, strict=True)}


def test_the_reference_is_the_whole_cohort(ended):
    reference = json.loads(ended[REFERENCE]["cohort"])
    assert len(reference["lesion_id"]) == 16
    assert sorted(reference["age"].values()) == [40.5 + i for i in range(16)]
    assert set(reference["sex"].values()) == {"female", "male"}
    assert ended[REFERENCE]["quarantine"] == []


def cohort(found: dict) -> pd.DataFrame:
    return pd.DataFrame(json.loads(found["cohort"])).set_index("lesion_id")


@pytest.mark.parametrize("one", TABLES, ids=[f"{one.group}: {one.what}"[:70] for one in TABLES])
def test_every_kind_of_table_has_its_one_outcome(ended, one: Kind):
    found = ended[one.name]
    if one.outcome is Outcome.REFUSED:
        assert (found.get("line") or "").startswith(f"cohort.csv: {one.rule}: ") or (
            (found.get("line") or "").startswith(f"{one.rule}: ")
        ), found
        assert found["line"].endswith(f" Remedy: {one.remedy}")
        assert "\n" not in found["line"]
        assert not found["stored"]
        return
    assert "cohort" in found, found
    if one.outcome is Outcome.QUARANTINED:
        assert (one.rule, one.remedy) in {(q["rule"], q["remedy"]) for q in found["quarantine"]}
        assert len({q["lesion_id"] for q in found["quarantine"]}) == 1
        assert len(cohort(found)) == 16 - GONE[one.name]
        return
    assert found["quarantine"] == []
    notes = [w for w in found["others"] if w not in ended[REFERENCE]["others"]]
    assert [(n["rule"], n["remedy"]) for n in notes] == (
        [] if one.rule is None else [(one.rule, one.remedy)]
    )
    own, reference = cohort(found), cohort(ended[REFERENCE])
    if one.name == "patients 12.0":
        assert sorted(own["patient_id"]) == [str(1000 + i) for i in range(16)]
        own, reference = (
            frame.drop(columns=["patient_id", "cohort"]) for frame in (own, reference)
        )
    pd.testing.assert_frame_equal(own, reference)


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
