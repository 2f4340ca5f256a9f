"""The study in miniature: fitted, packaged and registered as a user does it."""

import base64
import json

import mlflow
import pandas as pd
import pytest
from tests.projects import kedro_commands, make_project
from tests.tracked import tracked_in

from spl_kedro.deployment.archive import read_study

PIPELINES = ("package_study", "serve_study")


@pytest.fixture(scope="session")
def project(miniature, tmp_path_factory):
    project = miniature.handed_to(make_project(tmp_path_factory.mktemp("served")))
    steps = (["run", "--env", "test", "--pipelines", name] for name in PIPELINES)
    ended = kedro_commands(project, *steps)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return project


@pytest.fixture(scope="session")
def registered(project):
    return json.loads((project / "data/test/06_models/served_study.json").read_text())


@pytest.fixture(scope="session")
def served(project, registered):
    """The model as MLflow loads it from its registry."""
    with tracked_in(f"sqlite:///{project}/mlflow.db"):
        yield mlflow.pyfunc.load_model(registered["uri"])


@pytest.fixture(scope="session")
def packaged(project):
    return read_study(project / "data/test/06_models/study.spl")


@pytest.fixture(scope="session")
def table(project):
    return pd.read_csv(project / "data/test/01_raw/simulated/cohort.csv", dtype="str")


@pytest.fixture(scope="session")
def cases(project, packaged, table):
    """Validation and external lesions as they are sent, by identifier."""
    raw = project / "data/test/01_raw/simulated"
    cohort = pd.read_parquet(project / "data/test/03_primary/cohort.parquet")
    unseen = cohort.index[cohort["cohort"] != "training"]
    settings = packaged.cohort
    columns = settings.columns

    def sent(folder, name):
        return base64.b64encode((raw / folder / name).read_bytes()).decode()

    def clinical(row):
        numeric = {v.name: v.kind == "numeric" for v in settings.clinical}
        cells = {v.name: row[v.column] for v in settings.clinical}
        return {
            name: None if pd.isna(cell) else float(cell) if numeric[name] else cell
            for name, cell in cells.items()
        }

    return {
        str(row[columns.lesion_id]): {
            "image": sent("images", row[columns.image]),
            "outline": sent("outlines", row[columns.masks]),
            "spacing_mm": float(row[columns.spacing_mm]),
            "site": row[columns.site],
            "clinical": clinical(row),
        }
        for row in table.to_dict("records")
        if row[columns.lesion_id] in unseen
    }


@pytest.fixture(scope="session")
def case(cases):
    return next(iter(cases.values()))
