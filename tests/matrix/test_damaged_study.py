"""A study of which 30 % of the cases are damaged runs to its report, and every case is told of."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from tests.matrix.hospital import sound, write_hospital
from tests.matrix.kinds import Kind, Outcome
from tests.matrix.registers import CASES
from tests.projects import ROOT, kedro, make_project

from spl_kedro.rules import Rule
from spl_kedro.schemas import Findings

SOUND, DAMAGED = 42, 18
# Of these several cases break the rule together.
TOGETHER = (
    Rule.OWN_OUTLINE, Rule.OWN_IMAGE, Rule.DISTINCT, Rule.COUNTED_ONCE, Rule.ONE_DIAGNOSIS,
)  # fmt: skip


def damaged() -> list[Kind]:
    """Return kinds that break as many different rules."""
    first: dict[str | None, Kind] = {}
    for one in CASES:
        if one.outcome is Outcome.QUARANTINED and one.rule not in TOGETHER:
            first.setdefault(one.rule, one)
    return list(first.values())[:DAMAGED]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """Return the data of the finished study, and the rule that each damaged case breaks."""
    folder = tmp_path_factory.mktemp("damaged")
    kinds = damaged()
    cases = write_hospital(folder / "hospital", [*sound(SOUND), *kinds], telling=False)
    project = make_project(folder / "project")
    for name in ("deep_features", "explainability", "modeling", "radiomics", "reporting"):
        shutil.copy(ROOT / f"conf/test/parameters_{name}.yml", project / "conf/study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder / "hospital"))
        finished = kedro(
            project, "run", "--env", "study", "--pipelines", "cdlr",
            "--params", "sealing.sealed=false", drawn=False,
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return project / "data/study", {cases[one.name].listed: str(one.rule) for one in kinds}


def test_raw_lesions_are_the_usable_ones_and_the_quarantined_ones(study):
    data, rules = study
    assert len(rules) == DAMAGED == round(0.3 * (SOUND + DAMAGED))
    cohort = pd.read_parquet(data / "03_primary/cohort.parquet")
    quarantine = Findings.validate(pd.read_parquet(data / "03_primary/quarantine.parquet"))
    assert len(cohort) + quarantine["lesion_id"].nunique() == SOUND + DAMAGED
    assert set(quarantine["stage"]) == {"data_processing"}
    assert quarantine.groupby("lesion_id")["rule"].agg(set).to_dict() == {
        lesion: {rule} for lesion, rule in rules.items()
    }
    assert quarantine["remedy"].str.endswith(".").all()


def test_every_usable_lesion_is_measured_and_scored(study):
    data, _ = study
    cohort = pd.read_parquet(data / "03_primary/cohort.parquet")
    for name in ("radiomics_features", "deep_embeddings"):
        (path,) = data.rglob(f"{name}.parquet")
        assert set(pd.read_parquet(path).index) == set(cohort.index)
    (path,) = data.rglob("predictions.parquet")
    predictions = pd.read_parquet(path)
    for _, scored in predictions.groupby(["protocol", "model"]):
        assert set(scored["lesion_id"]) == set(cohort.index)
    assert predictions["score"].between(0, 1).all()


def test_the_report_tells_of_every_case_left_out(study):
    data, rules = study
    report = (data / "08_reporting/study_report.html").read_text()
    assert f"{DAMAGED} of {SOUND + DAMAGED} cases were left out" in report
    for lesion, rule in rules.items():
        assert lesion in report
        assert rule in report
