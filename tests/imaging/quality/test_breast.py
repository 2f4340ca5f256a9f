"""How often each check is right on labelled images of real patients (docs/quality.md)."""

import pytest
from tests.imaging.quality import labelled
from tests.imaging.quality.drawn import POSITIVES

pytestmark = pytest.mark.breast

#: As measured on the measuring half: found, of 75 drawn.
MEASURED = dict.fromkeys(POSITIVES, 75) | {
    "text": 65,
    "dotted_line": 59,
    "body_mark": 73,
    "scale_ticks": 72,
    "grey_bar": 58,
}
#: As measured on the measuring half where nothing is: found by mistake. By no other check.
MISTAKEN = {"dotted_line": 1, "painted_over": 2}


@pytest.fixture(scope="module")
def cases():
    known = labelled.labels()
    return list(known.index[known["half"] == "measure"])


def least(right, measured, cases):
    """Return the share asked of `cases`: three standard errors below what was measured (Wilson)."""
    return labelled.wilson(right / measured * cases, cases, z=3)[0]


def test_150_cases_are_labelled_and_half_of_them_measured(cases):
    known = labelled.labels()
    assert len(known) == 150
    assert known.index.is_unique
    assert len(cases) == 75
    assert set(known.drop(columns="half").stack().dropna().unique()) == {0.0, 1.0}


def test_checks_find_what_is_drawn_as_often_as_measured(breast_dir, cases):
    drawn = labelled.judge_drawn(breast_dir, cases[::5])
    rates = drawn.groupby("check")["found"].mean()
    short = {
        check: rate
        for check, rate in rates.items()
        if rate < least(MEASURED[check], 75, len(cases[::5]))
    }
    assert not short


def test_checks_are_silent_and_find_painted_over_marks_as_often_as_measured(breast_dir, cases):
    plain = labelled.judge(breast_dir, cases)
    absent = plain[plain["label"] == 0]
    for check, own in absent.groupby("check"):
        right = len(own) - MISTAKEN.get(check, 0)
        assert (1 - own["found"]).mean() >= least(right, len(own), len(own)), check
    retouched = plain[(plain["check"] == "painted_over") & (plain["label"] == 1)]["found"]
    assert len(retouched) == 12
    assert retouched.mean() >= least(12, 12, 12)
