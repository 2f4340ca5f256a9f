"""What becomes of a table of readings: crossed, or left out with a reason."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from spl_kedro.cohort.reader_settings import ReaderTableSettings
from spl_kedro.cohort.reader_table import COLUMNS, crossed_readings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.rules import Rule

SETTINGS = ReaderTableSettings()
OWN_LABELS = ReaderTableSettings(columns={"label": "truth"})


@pytest.fixture
def cohort():
    index = pd.Index([f"L{i}" for i in range(8)], name="lesion_id")
    label = np.arange(8) % 2
    patient = [f"P{i}" for i in range(8)]
    return pd.DataFrame({"patient_id": patient, "label": label, "simulated": True}, index)


@pytest.fixture
def table(cohort):
    rows = [
        {"reader": reader, "lesion_id": lesion, "modality": modality, "score": f"0.{i}{j}"}
        for i, lesion in enumerate(cohort.index)
        for j, (reader, modality) in enumerate(
            (reader, modality) for reader in ("A", "B") for modality in ("with", "without")
        )
    ]
    return pd.DataFrame(rows)


def left_out(table, cohort, settings=SETTINGS):
    readings, quarantined = crossed_readings(table, cohort, settings)
    found = quarantined.table()
    assert set(found["stage"]) <= {"readers"}
    assert not set(found["lesion_id"]) & set(readings["lesion_id"])
    assert len(readings) == readings["lesion_id"].nunique() * 4
    return found.set_index("lesion_id")


def test_a_whole_table_is_kept_with_labels_and_patients_of_the_cohort(table, cohort):
    readings, quarantined = crossed_readings(table, cohort, SETTINGS)
    assert len(quarantined) == 0
    assert list(readings) == COLUMNS
    assert len(readings) == len(table)
    assert list(readings["modality"].unique()) == ["without", "with"]
    assert (readings["label"] == readings["lesion_id"].map(cohort["label"])).all()
    assert (readings["patient_id"] == readings["lesion_id"].map(cohort["patient_id"])).all()
    assert readings["simulated"].all()
    one = readings.query("reader == 'B' and lesion_id == 'L3'").set_index("modality")["score"]
    assert one.to_dict() == {"without": 0.33, "with": 0.32}


def test_the_order_of_the_rows_changes_nothing(table, cohort):
    shuffled = table.sample(frac=1, random_state=0)
    first, second = (crossed_readings(t, cohort, SETTINGS)[0] for t in (table, shuffled))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("column", "value", "rule", "words"),
    [
        ("score", "high", Rule.NUMBER, "the score of the reader 'A' is 'high'"),
        ("score", "", Rule.NUMBER, "the score of the reader 'A' is 'missing'"),
        ("modality", "wiht", Rule.READING, "modality 'wiht'; readers.modalities names without"),
        ("reader", None, Rule.READING, "reader 'missing'"),
    ],
)
def test_a_lesion_with_a_bad_row_is_left_out_whole(table, cohort, column, value, rule, words):
    table.loc[0, column] = value
    found = left_out(table, cohort)
    assert found.index.tolist() == ["L0"]
    assert found["rule"].tolist() == [rule]
    assert words in found["message"].iloc[0]


def test_a_number_with_two_meanings_is_left_out(table, cohort):
    table.loc[[0, 4, 8], "score"] = ["1,234", "0,5", "1.5"]
    assert left_out(table, cohort)["rule"].to_dict() == {"L0": Rule.ONE_MEANING}


def test_a_lesion_that_the_cohort_lacks_is_left_out_once(table, cohort):
    assert left_out(table, cohort.drop("L5"))["rule"].to_dict() == {"L5": Rule.KNOWN_LESION}


def test_two_scores_of_one_reading_leave_the_lesion_out_row_by_row(table, cohort):
    twice = pd.concat([table, table.iloc[[4]].assign(score="0.9")], ignore_index=True)
    found = left_out(twice, cohort)
    assert found.index.tolist() == ["L1", "L1"]
    assert set(found["rule"]) == {Rule.ONE_SCORE}
    assert found["message"].iloc[0] == "several scores of the reader 'A' with the modality with."


def test_a_missing_reading_leaves_the_lesion_out_and_says_which(table, cohort):
    found = left_out(table.drop(index=[6, 7]), cohort)
    assert found["rule"].to_dict() == {"L1": Rule.EVERY_SCORE}
    assert found["message"].iloc[0] == (
        "2 of 4 readings are missing, the first: reader B, modality with."
    )


def test_a_row_without_a_lesion_is_named_by_its_number(table, cohort):
    table.loc[9, "lesion_id"] = None
    found = left_out(table, cohort)
    assert found["rule"].to_dict() == {"L2": Rule.EVERY_SCORE, "row 10": Rule.LESION_ID}


def test_labels_and_patients_can_be_the_tables_own(table, cohort):
    table["truth"] = table["lesion_id"].map(cohort["label"]).map({0: "Benign", 1: "malignant"})
    table["who"] = "Q" + table["lesion_id"].str[1:]
    settings = ReaderTableSettings(columns={"label": "truth", "patient_id": "who"})
    readings, quarantined = crossed_readings(table, cohort.drop("L5"), settings)
    assert len(quarantined) == 0
    assert readings["lesion_id"].nunique() == 8
    assert readings.set_index("lesion_id")["patient_id"]["L5"].unique().tolist() == ["Q5"]
    assert not readings.set_index("lesion_id")["simulated"]["L5"].any()


def test_a_lesion_outside_the_cohort_is_its_own_patient(table, cohort):
    table["truth"] = table["lesion_id"].map(cohort["label"]).map({0: "benign", 1: "malignant"})
    readings, _ = crossed_readings(table, cohort.drop("L5"), OWN_LABELS)
    assert readings.set_index("lesion_id")["patient_id"]["L5"].unique().tolist() == ["L5"]


def test_a_label_that_is_unknown_contradictory_or_not_the_cohorts_is_left_out(table, cohort):
    table["truth"] = table["lesion_id"].map(cohort["label"]).map({0: "benign", 1: "malignant"})
    table.loc[0, "truth"] = "perhaps"
    table.loc[5, "truth"] = "benign"
    table.loc[table["lesion_id"] == "L2", "truth"] = "malignant"
    found = left_out(table, cohort, OWN_LABELS)
    assert found["rule"].to_dict() == dict.fromkeys(["L0", "L1", "L2"], Rule.DIAGNOSIS)


def test_a_lesion_of_two_patients_is_left_out(table, cohort):
    table["who"] = table["lesion_id"]
    table.loc[3, "who"] = "another"
    settings = ReaderTableSettings(columns={"patient_id": "who"})
    assert left_out(table, cohort, settings)["rule"].to_dict() == {"L0": Rule.PATIENT_ID}


def test_one_modality_only_is_refused_with_the_words_of_the_table(table, cohort):
    alone = table[table["modality"] == "with"]
    with pytest.raises(UnusableStudyError, match=r"modality 'without' .* 'modality' holds with"):
        crossed_readings(alone, cohort, SETTINGS)


def test_one_reader_only_is_refused(table, cohort):
    with pytest.raises(UnusableStudyError, match="complete readings are of 1 readers"):
        crossed_readings(table[table["reader"] == "A"], cohort, SETTINGS)


def test_a_table_of_one_class_is_refused_with_what_was_left_out(table, cohort):
    benign = cohort[cohort["label"] == 0]
    with pytest.raises(UnusableStudyError, match="0 malignant patients; left out: 4 x a lesion of"):
        crossed_readings(table, benign, SETTINGS)


def test_a_missing_column_is_named_with_its_parameter(table, cohort):
    with pytest.raises(UnusableStudyError, match=r"'score' \(readers\.columns\.score\)"):
        crossed_readings(table.rename(columns={"score": "rating"}), cohort, SETTINGS)


def test_modalities_that_differ_in_case_alone_are_refused():
    with pytest.raises(ValidationError, match="must differ, in more than case"):
        ReaderTableSettings(modalities=("With", "with"))
