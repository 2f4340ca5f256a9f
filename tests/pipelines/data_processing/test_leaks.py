"""The leak detector in a run: training lesions alone, before anything is fitted."""

import pandas as pd
import pytest
from tests.matrix.hospital import sound, write_hospital
from tests.projects import kedro, make_project

from spl_kedro.cohort.settings import CohortSettings, Columns, NumericVariable, Split
from spl_kedro.errors import UnusableStudyError
from spl_kedro.leaks.checks import ALONE
from spl_kedro.pipelines.data_processing.nodes import divide_cohort, find_leaks
from spl_kedro.schemas import Leaks
from spl_kedro.sealing.settings import SealingSettings

OPEN = SealingSettings(sealed=False)
CASES = 60


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Return a sealed run on a hospital whose ages tell the label, which is left out."""
    folder = tmp_path_factory.mktemp("leaks")
    write_hospital(folder / "hospital", sound(CASES))
    project = make_project(folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder / "hospital"))
        patch.setenv("COLUMNS", "300")
        finished = kedro(
            project, "run", "--env", "study", "--pipelines", "data_processing",
            "--params", "data_processing.leaks.action=leave_out",
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return finished.stdout, project / "data/study/03_primary"


def test_a_telling_variable_is_left_out_of_a_sealed_study_and_told_of(ended):
    said, primary = ended
    leaks = Leaks.validate(pd.read_parquet(primary / "leaks.parquet"))
    own = leaks[leaks["listed"] & (leaks["rule"] == ALONE)]
    assert own["variable"].tolist() == ["age"]
    assert own["action"].tolist() == ["left out"]
    cohort = pd.read_parquet(primary / "cohort.parquet")
    assert set(cohort["cohort"]) == {"training"}
    assert own["cases"].item() == len(cohort) < CASES
    assert "age" not in cohort
    assert "age" not in pd.read_parquet(primary / "divided_cohort.parquet")
    assert f"checks for leaks on {len(cohort)} training lesions: " in said
    findings = pd.read_csv(primary / "findings/leaks.csv").set_index("rule")
    assert findings.loc[ALONE, "action"] == "left out"
    assert findings.loc[ALONE, "lesion_id"] == "all lesions"


def test_the_end_of_the_run_repeats_what_came_and_what_is_usable(ended):
    said, _ = ended
    assert f"{CASES} lesions: {CASES} usable, 0 quarantined" in said


def usable(**columns):
    index = pd.Index([f"L{i:02d}" for i in range(80)], name="lesion_id")
    rows = pd.DataFrame(
        {
            "patient_id": index,
            "site": "a",
            "label": [0, 1] * 40,
            "cohort": ["training"] * 60 + ["validation"] * 20,
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "age": [30.0 + i % 7 + 40 * (i % 2) for i in range(80)],
        },
        index=index,
    )
    return rows.assign(**columns), pd.DataFrame({"height": 6, "width": 6}, index=index)


def settings(**leaks):
    return CohortSettings(
        simulated=True,
        columns=Columns(lesion_id="id", label="result", cohort="cohort"),
        split=Split(seed=1),
        clinical=(NumericVariable(name="age", column="age"),),
        leaks=leaks,
    )


def test_labels_of_validation_have_no_part_in_what_is_listed():
    rows, made = usable()
    leaks, _ = find_leaks(rows, made, settings(), OPEN)
    turned = rows["label"].where(rows["cohort"] == "training", 1 - rows["label"])
    again, _ = find_leaks(rows.assign(label=turned), made, settings(), OPEN)
    pd.testing.assert_frame_equal(leaks, again)
    assert leaks["cases"].max() == 60
    hidden = rows["label"].astype("Int64").where(rows["cohort"] == "training")
    sealed = SealingSettings(sealed=True, sample_size="all")
    known, _ = find_leaks(rows.assign(label=hidden), made, settings(), sealed)
    pd.testing.assert_frame_equal(leaks, known)


def test_a_flagged_variable_stays_and_a_study_may_refuse_it():
    rows, made = usable()
    leaks, findings = find_leaks(rows, made, settings(), OPEN)
    assert ("age", "flagged") in set(zip(leaks["variable"], leaks["action"], strict=True))
    assert len(findings) == leaks["listed"].sum()
    cohort, _, _ = divide_cohort(rows, leaks, settings(), OPEN)
    assert "age" in cohort
    with pytest.raises(UnusableStudyError, match="'age'"):
        find_leaks(rows, made, settings(action="refuse"), OPEN)
