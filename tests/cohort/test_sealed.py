"""Diagnoses that are sealed: which cells are passed over, forgotten, and read in the end."""

import pandas as pd
import pytest

from spl_kedro.cohort.sealed import open_rows, seal_rows, training_alone, without_labels
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.split import assign_cohorts
from spl_kedro.cohort.table import tidy_table
from spl_kedro.rules import Rule

SITES = {"columns": {"lesion_id": "case", "site": "centre", "label": "result"}}
COLUMN = {"columns": SITES["columns"] | {"cohort": "part"}}


def settings(**changes) -> CohortSettings:
    values = {
        "simulated": True,
        "clinical": [],
        "split": {"seed": 1, "external_sites": ["b"]},
    }
    return CohortSettings(**(values | changes))


def table() -> pd.DataFrame:
    n = 40
    return pd.DataFrame(
        {
            "case": [f"c{i:02d}" for i in range(n)],
            "centre": ["b" if i % 5 == 4 else "a" for i in range(n)],
            "result": ["benign" if i % 2 else "malignant" for i in range(n)],
            "part": ["External" if i % 5 == 4 else "Validation" if i % 5 == 3 else "Training"
                     for i in range(n)],
        }
    )  # fmt: skip


def sealed(frame: pd.DataFrame, chosen: CohortSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, broken = tidy_table(frame, chosen, sealed=True)
    return seal_rows(rows, chosen), broken.table()


@pytest.mark.parametrize("cell", ["", None, "not known yet", "#N/A", "malignant"])
def test_whatever_stands_in_a_sealed_cell_the_sealed_rows_are_the_same(cell):
    # Faults: a validation lesion left out for its diagnosis; a diagnosis that gets through.
    frame = table()
    hidden = frame["part"] != "Training"
    wanted, none = sealed(frame, settings(**COLUMN))
    found, broken = sealed(
        frame.assign(result=frame["result"].mask(hidden, cell)), settings(**COLUMN)
    )
    pd.testing.assert_frame_equal(found, wanted)
    assert len(none) == len(broken) == 0
    assert found["label"].notna().equals(found["cohort"] == "training")


def test_a_training_lesion_without_diagnosis_is_still_left_out():
    frame = table()
    frame.loc[0, "result"] = ""
    rows, broken = sealed(frame, settings(**COLUMN))
    assert "c00" not in rows.index
    assert broken["rule"].tolist() == [Rule.DIAGNOSIS]


def test_a_drawn_split_needs_no_diagnosis_of_external_sites_and_forgets_those_of_validation():
    frame = table()
    blank = frame.assign(result=frame["result"].mask(frame["centre"] == "b", ""))
    rows, broken = sealed(blank, settings(**SITES))
    opened = tidy_table(frame, settings(**SITES))[0]
    assert len(broken) == 0
    expected = assign_cohorts(opened, settings(**SITES))
    assert rows["cohort"].tolist() == expected.tolist()
    assert set(rows["cohort"]) == {"training", "validation", "external"}
    assert rows["label"].notna().equals(rows["cohort"] == "training")


def test_opening_gives_the_cohort_that_was_never_sealed():
    chosen = settings(**COLUMN)
    rows, _ = sealed(table(), chosen)
    opened, quarantine = open_rows(rows, table(), chosen)
    never = tidy_table(table(), chosen)[0]
    assert len(quarantine) == 0
    assert opened["label"].dtype == "int64"
    assert opened["label"].equals(never["label"])


def test_training_lesions_keep_the_diagnoses_the_models_learnt_from_when_the_file_has_changed():
    chosen = settings(**COLUMN)
    rows, _ = sealed(table(), chosen)
    changed = table()
    changed["result"] = changed["result"].map({"benign": "malignant", "malignant": "benign"})
    opened, _ = open_rows(rows, changed, chosen)
    training = rows["cohort"] == "training"
    assert opened.loc[training, "label"].tolist() == rows.loc[training, "label"].tolist()
    assert opened.loc[~training, "label"].tolist() == [
        1 - label for label in tidy_table(table(), chosen)[0].loc[~training, "label"]
    ]


def test_a_sealed_lesion_that_has_no_diagnosis_in_the_end_goes_to_quarantine_by_name():
    chosen = settings(**COLUMN)
    rows, _ = sealed(table(), chosen)
    frame = table()
    frame.loc[3, "result"] = "perhaps"
    frame = frame[frame["case"] != "c08"]
    opened, quarantine = open_rows(rows, frame, chosen)
    assert quarantine["lesion_id"].tolist() == ["c03", "c08"]
    assert set(quarantine["rule"]) == {Rule.DIAGNOSIS}
    assert "'perhaps'" in quarantine["message"].iloc[0]
    assert "no usable row" in quarantine["message"].iloc[1]
    assert not {"c03", "c08"} & set(opened.index)


def test_what_is_kept_of_a_cohort_has_labels_of_training_alone():
    rows = assign(table())
    hidden = without_labels(rows)
    assert hidden["label"].notna().equals(rows["cohort"] == "training")
    own = training_alone(hidden)
    assert set(own["cohort"]) == {"training"}
    assert own["label"].dtype == "int64"


def assign(frame: pd.DataFrame) -> pd.DataFrame:
    chosen = settings(**COLUMN)
    rows = tidy_table(frame, chosen)[0]
    return rows.assign(cohort=assign_cohorts(rows, chosen))
