"""Commands that run a study or a part of one."""

import os
from pathlib import Path

import pandas as pd
from tests.cohorts import busbra, busi, simulated_lesions, write
from tests.long.scratch import FOLDER, Long
from tests.pipelines.external_validation.stranger import environment, hand_over

from spl_kedro.schemas import MODELS

AUDIT = "make audit"
VALIDATE = "make validate ENV=hospital_b STUDY=/path/to/study.spl"
REALISM = "make realism LUNG_DIR=/path/to/images BREAST_DIR=/path/to/files"
STUDY = (
    "make study NAME=mine TABLE=/path/to/cohort.csv IMAGES=/path/to/images "
    "OUTLINES=/path/to/outlines"
)
LESIONS = 60
#: Of a cohort that has no clinical variable.
OF_IMAGES = ("rad", "dtl", "dlr")


def table(project: Path, name: str, data: str = "data") -> pd.DataFrame:
    """Return a table that a run has left, which has rows."""
    found = pd.read_parquet(project / data / f"07_model_output/{name}.parquet")
    assert len(found), name
    return found


def a_study(data: str = "data", models: tuple[str, ...] = MODELS):
    """Return a judge of a run of all of a study: its models, and a report of them."""

    def leaves(project: Path, said: str) -> None:
        assert set(table(project, "performance", data)["model"]) >= set(models)
        assert (project / data / "08_reporting/study_report.html").stat().st_size > 100_000
        assert "study_report.html" in said

    return leaves


def trained(project: Path, said: str) -> None:
    a_study()(project, said)
    assert (project / "data/05_model_input/deep_folds.parquet").is_file()


def scored(project: Path, said: str) -> None:
    assert (project / "data/06_models/study.spl").is_file()
    assert table(project, "inference_scores")["lesion_id"].nunique() == 3


def checked(data: str):
    def leaves(project: Path, said: str) -> None:
        page = project / data / "08_reporting/check.html"
        assert "lesion" in page.read_text(encoding="utf-8")
        assert " usable, " in said

    return leaves


def validated(project: Path, said: str) -> None:
    (found,) = (project / "data/hospital_b").glob("*/external_validation/performance.parquet")
    assert set(pd.read_parquet(found)["cohort"]) == {"external"}


def audited(project: Path, said: str) -> None:
    assert table(project, "permutation_audit")["shuffle"].nunique() == 3
    assert table(project, "nesting_probe_summary")["nested"].nunique() == 2


def paged(project: Path, said: str) -> None:
    page = (project / "docs/permutation_audit.md").read_text(encoding="utf-8")
    assert "| leak-free | Clinical | 3 |" in page
    assert "| nested | 2 |" in page


def swept(project: Path, said: str) -> None:
    assert table(project, "sweep_performance")["classifier"].nunique() == 2


def compared(project: Path, said: str) -> None:
    assert table(project, "backbones")["backbone"].nunique() == 3


def measured(project: Path, said: str) -> None:
    table(project, "sceptic_realism")
    assert "real" in said
    assert "| --- |" in said


def guessed(project: Path, said: str) -> None:
    assert "of the rows 8 find their image, 8 an outline" in said
    assert (project / "conf/mine/catalog.yml").is_file()


def of_ones_own(project: Path) -> None:
    """Lay out files that no setting was written for."""
    rows = ["Fallnummer;Alter;Befund"]
    words = {"benign": "gutartig", "malignant": "bösartig"}
    for number, (image, mask, word) in enumerate(simulated_lesions(8, seed=2)):
        write(project / f"own/images/US {number + 1}.png", image)
        write(project / f"own/outlines/US {number + 1}.png", mask)
        rows.append(f"{number + 1};{50 + number};{words[word]}")
    (project / "own/cohort.csv").write_text("\n".join(rows), encoding="utf-8")


def a_hospital(project: Path) -> None:
    if not (project / "hospital").exists():
        hand_over(project / "data/01_raw/simulated", project / "hospital")
        environment(project / "conf/hospital_b", project / "hospital")


def like(cohort, name: str):
    """Return what lays out simulated lesions as a public cohort, where the real one is not here."""

    def prepare(project: Path) -> None:
        if not os.environ.get(f"{name.upper()}_DIR") and not (project / name).exists():
            cohort(project / name, LESIONS)

    return {"/path/to/folder": os.environ.get(f"{name.upper()}_DIR", name)}, prepare


BUSI, BUSBRA = like(busi, "busi"), like(busbra, "busbra")
BREAST = {"/path/to/folder": "$BREAST_DIR"}

LONG = (
    Long("make run", a_study()),
    Long("make predict", scored, after=("make run",)),
    Long("make check", checked("data"), after=("make run",)),
    Long(
        STUDY, guessed, prepare=of_ones_own,
        own={"/path/to/cohort.csv": "own/cohort.csv", "/path/to/images": "own/images",
             "/path/to/outlines": "own/outlines"},
    ),
    Long("make check STUDY=conf/mine", checked("data/mine"), after=(STUDY,)),
    Long(
        VALIDATE, validated, after=("make predict",), prepare=a_hospital,
        own={"/path/to/study.spl": str(FOLDER / "study/data/06_models/study.spl")},
    ),
    Long("make sweep", swept, after=("make run",)),
    Long("make backbones", compared, after=("make run",)),
    Long(AUDIT, audited, after=("make run",)),
    Long("python -m spl_kedro.pipelines.audit.page", paged, after=(AUDIT,)),
    Long(
        REALISM, measured, needs=("LUNG_DIR", "BREAST_DIR"),
        own={"/path/to/images": "$LUNG_DIR", "/path/to/files": "$BREAST_DIR"},
    ),
    Long("make breast BREAST_DIR=/path/to/folder", a_study("data/breast"), BREAST,
         needs=("BREAST_DIR",)),
    Long("make busi BUSI_DIR=/path/to/folder", a_study("data/busi", OF_IMAGES), BUSI[0],
         prepare=BUSI[1]),
    Long("make busbra BUSBRA_DIR=/path/to/folder", a_study("data/busbra", OF_IMAGES), BUSBRA[0],
         prepare=BUSBRA[1]),
    Long("make run DEEP=resnet50", trained, project="trained"),
)  # fmt: skip
