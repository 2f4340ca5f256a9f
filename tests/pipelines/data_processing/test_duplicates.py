"""A copy under another patient never lands on both sides of a split: `kedro run` on conf/study."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.matrix.hospital import write_hospital
from tests.matrix.kinds import Register
from tests.projects import kedro, make_project

from spl_kedro.features.deep.folds import assign_folds

PAIRS = 14


def copied():
    """Return cases of which each second one is a JPEG of the one before, under another patient."""
    kind = Register("Copies")
    for number in range(PAIRS):

        def first(case, number=number):
            case.row["pathology"] = "malignant" if number % 2 else "benign"
            case.image(), case.outline()

        def second(case, number=number):
            case.row["pathology"] = "malignant" if number % 2 else "benign"
            name = f"case {number:02d}"
            pixels = np.asarray(Image.open(case.folder / "images" / f"{name}.png"))
            case.mask = np.asarray(Image.open(case.folder / "outlines" / f"{name}.png")) > 0
            case.image(pixels, ".jpg", quality=70), case.outline()

        kind(name=f"case {number:02d}")(first)
        kind(name=f"copy {number:02d}")(second)
    return kind.kinds


@pytest.fixture(scope="module")
def primary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    write_hospital(folder / "hospital", copied(), telling=False)
    project = make_project(folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder / "hospital"))
        finished = kedro(
            project, "run", "--env", "study", "--pipelines", "data_processing",
            "--params", "sealing.sealed=false,data_processing.split.validation_fraction=0.4",
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return project / "data/study/03_primary"


def pairs_in(column: pd.Series) -> pd.DataFrame:
    """Return a column of both lesions of each pair, a row for each pair."""
    number = column.index.str[-2:]
    kind = column.index.str[:4]
    return pd.DataFrame({"n": number, "kind": kind, "v": column.to_numpy()}).pivot(
        index="n", columns="kind", values="v"
    )


def test_every_pair_is_in_the_table_and_in_the_findings(primary):
    table = pd.read_parquet(primary / "duplicates.parquet")
    assert len(table) == PAIRS
    assert set(table["action"]) == {"grouped"}
    assert set(table["kind"]) == {"re-encoded"}
    findings = pd.read_parquet(primary / "findings/data_processing.parquet")
    own = findings[findings["rule"] == "one patient an image"]
    assert set(own["action"]) == {"grouped"}
    assert own["lesion_id"].nunique() == 2 * PAIRS


def test_copies_are_on_one_side_of_the_split_and_of_every_fold(primary):
    cohort = pd.read_parquet(primary / "cohort.parquet")
    assert len(cohort) == 2 * PAIRS
    assert cohort["patient_as_given"].nunique() == 2 * PAIRS
    sides = pairs_in(cohort["cohort"])
    assert (sides["case"] == sides["copy"]).all()
    assert set(cohort["cohort"]) == {"training", "validation"}
    folds = assign_folds(cohort, 3, 7)["fold"]
    dealt = pairs_in(folds)
    assert (dealt["case"] == dealt["copy"]).all()
    assert folds.nunique() == 3
