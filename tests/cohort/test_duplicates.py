"""What becomes of copies: the pairs are made up, so that only the decisions are tested."""

import numpy as np
import pandas as pd
import pytest
from tests.cohort.test_cohort import settings

from spl_kedro.cohort import duplicates
from spl_kedro.cohort.duplicates import settle_duplicates
from spl_kedro.cohort.findings import Findings, quarantined
from spl_kedro.imaging.duplicates import Pair
from spl_kedro.schemas import Duplicates


def lesions(**columns) -> pd.DataFrame:
    """Return six lesions of as many patients, at one site, not divided, all benign."""
    values = {
        "patient_id": [f"p{n}" for n in range(6)],
        "site": ["a"] * 6,
        "cohort": [None] * 6,
        "label": [0] * 6,
        "pixels": [str(n) for n in range(6)],
    }
    index = pd.Index([f"c{n}" for n in range(6)], name="lesion_id")
    return pd.DataFrame(values | columns, index=index).astype({"cohort": "str"})


def pair(first, second, kind="re-encoded", same_lesion=True):
    return Pair(first, second, kind, 0.95, 0.99, 0.02, same_lesion)


@pytest.fixture
def settle(monkeypatch):
    def run(rows, *pairs, **chosen):
        monkeypatch.setattr(duplicates, "find_pairs", lambda *_: list(pairs))
        split = {"seed": 1, "external_sites": ["b"]}
        own = settings(duplicates=chosen, split=split)
        findings = Findings("data_processing")
        settled = settle_duplicates(rows, [None] * len(rows), own, findings)
        Duplicates.validate(settled.table)
        told = findings.table()
        left_out = quarantined(told).set_index("lesion_id")["rule"].to_dict()
        stays = told[told["action"] != "quarantined"]
        assert set(stays["action"]) <= {
            "grouped" if own.duplicates.action == "group" else "flagged"
        }
        said = stays.groupby("lesion_id")["rule"].agg(list).to_dict()
        return settled.lesions, settled.table, left_out, said

    return run


def test_without_copies_nothing_changes(settle):
    kept, table, left_out, said = settle(lesions())
    pd.testing.assert_frame_equal(kept, lesions())
    assert table.empty
    assert not left_out
    assert not said


def test_patients_who_share_an_image_are_one_also_by_way_of_a_third(settle):
    kept, table, left_out, said = settle(lesions(), pair(0, 3), pair(3, 5))
    assert kept["patient_id"].tolist() == ["p0", "p1", "p2", "p0", "p4", "p0"]
    assert kept["patient_as_given"].tolist() == [f"p{n}" for n in range(6)]
    assert table["action"].tolist() == ["grouped", "grouped"]
    assert not left_out
    assert said == {
        "c0": ["one patient an image"],
        "c3": ["one patient an image"] * 2,
        "c5": ["one patient an image"],
    }


def test_a_lesion_listed_twice_is_counted_once_and_its_patients_are_one(settle):
    rows = lesions(patient_id=["p0", "p1", "p0", "p1", "p4", "p5"])
    kept, table, left_out, said = settle(rows, pair(0, 1, "exact"))
    assert left_out == {"c1": "a lesion counted once"}
    assert kept.loc[["c2", "c3"], "patient_id"].tolist() == ["p0", "p0"]
    assert table["action"].tolist() == ["second left out"]
    assert not said


def test_one_image_with_two_lesions_outlined_is_not_a_lesion_listed_twice(settle):
    kept, table, left_out, _ = settle(lesions(), pair(0, 1, "exact", same_lesion=False))
    assert not left_out
    assert table["action"].tolist() == ["grouped"]
    assert kept.loc["c1", "patient_id"] == "p0"


@pytest.mark.parametrize("action", ["group", "quarantine", "flag"])
def test_copies_with_contradicting_labels_are_left_out_whatever_the_action(settle, action):
    rows = lesions(label=[0, 1, 0, 0, 0, 0])
    kept, table, left_out, _ = settle(rows, pair(0, 1), action=action)
    assert left_out == dict.fromkeys(["c0", "c1"], "one diagnosis an image")
    assert table["labels_contradict"].tolist() == [True]
    assert table["action"].tolist() == ["both left out"]
    assert list(kept.index) == ["c2", "c3", "c4", "c5"]


def test_contradicting_labels_can_be_flagged_alone(settle):
    rows = lesions(label=[0, 1, 0, 0, 0, 0])
    _, _, left_out, said = settle(rows, pair(0, 1), contradicting_labels="flag")
    assert not left_out
    assert said == {name: ["one diagnosis an image"] for name in ("c0", "c1")}


def test_the_lesions_of_a_joined_patient_leave_the_cohorts_that_the_split_put_them_in(settle):
    rows = lesions(
        patient_id=["p0", "p1", "p1", "p3", "p4", "p5"],
        cohort=["validation", "training", "training", "external", "external", "validation"],
    )
    kept, table, left_out, _ = settle(rows, pair(0, 1), pair(3, 5))
    assert left_out == {"c0": "a patient in one cohort", "c3": "a patient in one cohort"}
    assert table["across_split"].tolist() == [True, True]
    assert kept.groupby("patient_id")["cohort"].nunique().eq(1).all()


def test_of_an_exact_copy_the_training_lesion_stays_whatever_its_name(settle):
    rows = lesions(cohort=["validation", "training"] + ["training"] * 4)
    _, table, left_out, _ = settle(rows, pair(0, 1, "exact"))
    assert left_out == {"c0": "a lesion counted once"}
    assert table["action"].tolist() == ["first left out"]


def test_a_copy_at_an_external_site_is_left_out_there(settle):
    rows = lesions(site=["b", "a", "a", "b", "a", "a"])
    kept, table, left_out, _ = settle(rows, pair(0, 1))
    assert left_out == {"c0": "a patient in one cohort"}
    assert table["across_hospitals"].tolist() == [True]
    assert list(kept.index) == ["c1", "c2", "c3", "c4", "c5"]


def test_labels_that_are_sealed_contradict_nothing(settle):
    rows = lesions(
        label=pd.array([0, None, 0, 0, 0, 0], dtype="Int64"),
        cohort=["training", "validation"] + ["training"] * 4,
    )
    _, table, left_out, _ = settle(rows, pair(0, 1))
    assert not table["labels_contradict"].any()
    assert left_out == {"c1": "a patient in one cohort"}


def test_two_frames_of_one_patient_are_nothing_to_say(settle):
    rows = lesions(patient_id=["p0"] * 6)
    kept, table, left_out, said = settle(rows, pair(0, 1), pair(2, 3, "near"))
    assert table.empty
    assert not left_out
    assert not said
    assert len(kept) == 6


def test_quarantine_leaves_out_both_and_flag_none(settle):
    kept, table, left_out, said = settle(lesions(), pair(0, 1), action="quarantine")
    assert left_out == dict.fromkeys(["c0", "c1"], "one patient an image")
    assert table["action"].tolist() == ["both left out"]
    assert not said
    kept, table, left_out, said = settle(lesions(), pair(0, 1), action="flag")
    assert "patient_as_given" not in kept
    assert not left_out
    assert set(said) == {"c0", "c1"}
    assert table["action"].tolist() == ["flagged"]


def test_the_order_of_the_rows_decides_nothing(monkeypatch):
    """The pair is found by its pixels here, wherever its lesions stand in the table."""

    def by_pixels(_, checksums, __):
        places = np.flatnonzero(np.array(checksums) == "same")
        return [pair(int(places[0]), int(places[1]), "exact")]

    monkeypatch.setattr(duplicates, "find_pairs", by_pixels)
    rows = lesions(pixels=["0", "same", "2", "3", "same", "5"])
    outcomes = []
    for part in (rows, rows.iloc[::-1]):
        findings = Findings("data_processing")
        settled = settle_duplicates(part, [None] * 6, settings(), findings)
        outcomes.append((findings.table(), settled.table, settled.lesions.sort_index()))
    for first, second in zip(*outcomes, strict=True):
        pd.testing.assert_frame_equal(first, second)
