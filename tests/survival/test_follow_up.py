import pandas as pd
import pytest
from tests.survival.conftest import survival_settings

from spl_kedro.errors import UnusableStudyError
from spl_kedro.survival import lesion_follow_up, require_events

CELLS = pd.DataFrame(
    {
        "time": ["12.5", "-3", "0", pd.NA, "soon", "7", "4", "5", "9", "9"],
        "event": ["Yes", "no", "no", "yes", "no", "maybe", "no", "no", "dead", "dead"],
    },
    index=pd.Index(list("abcdefghij"), name="lesion_id"),
    dtype="str",
)
PATIENTS = pd.Series([*"abcdef", "gh", "gh", "ij", "ij"], CELLS.index)


def test_times_and_events_that_cannot_be_used_are_found_and_all_others_kept():
    follow_up, findings = lesion_follow_up(CELLS, PATIENTS, survival_settings())
    assert follow_up["time"].to_dict() == {"a": 12.5, "i": 9.0, "j": 9.0}
    assert follow_up["event"].all()
    found = findings.table().groupby("lesion_id")["message"].agg(" ".join)
    assert "not above 0" in found["b"]
    assert "not above 0" in found["c"]
    assert "is empty" in found["d"]
    assert "no number" in found["e"]
    assert "holds 'maybe'" in found["f"]
    assert "different times" in found["g"]
    assert "different times" in found["h"]
    assert set(found.index) == set("bcdefgh")
    assert (findings.table()["action"] == "left out").all()


def test_a_lesion_that_the_table_lacks_is_found():
    follow_up, findings = lesion_follow_up(
        CELLS.loc[["a"]], pd.Series({"a": "a", "z": "z"}).rename_axis("lesion_id"),
        survival_settings(),
    )  # fmt: skip
    assert list(follow_up.index) == ["a"]
    assert set(findings.table()["lesion_id"]) == {"z"}


def test_too_few_events_are_refused_with_their_number_and_a_patient_counts_once():
    follow_up, _ = lesion_follow_up(CELLS, PATIENTS, survival_settings())
    told = "2 of 2 training patients had the event"
    with pytest.raises(UnusableStudyError, match=told):
        require_events(follow_up, PATIENTS, survival_settings())
    assert require_events(follow_up, PATIENTS, survival_settings(min_events=2)) == 2
