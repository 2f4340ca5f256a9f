"""How often each check is right on labelled images of real patients (docs/quality.md)."""

import pytest
from tests.imaging.quality import labelled
from tests.imaging.quality.drawn import POSITIVES

pytestmark = pytest.mark.breast

#: Right on drawn positives of the measuring half, as measured: cases found of 75.
MEASURED = dict.fromkeys(POSITIVES, 75) | {}
#: Not found where nothing is, as measured on the measuring half: right, of how many.
MEASURED_ABSENT = {}


@pytest.fixture(scope="module")
def cases():
    known = labelled.labels()
    return list(known.index[known["half"] == "measure"])


def least(right, measured, cases):
    """Return what is asked of `cases`: three standard errors below what was measured.

    Where all were right, by the lower end of Wilson's interval.
    """
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
        right, measured = MEASURED_ABSENT[check]
        assert (1 - own["found"]).mean() >= least(right, measured, len(own)), check
    retouched = plain[(plain["check"] == "painted_over") & (plain["label"] == 1)]["found"]
    assert len(retouched) == 13
    assert retouched.mean() >= least(13, 13, 13)
