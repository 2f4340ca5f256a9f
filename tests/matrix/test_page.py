"""The page of the matrix says what the tests hold, and no more."""

from tests.matrix.kinds import Outcome
from tests.matrix.page import PAGE, page
from tests.matrix.registers import CASES, MISTAKES, TABLES

KINDS = [*CASES, *TABLES, *MISTAKES]


def test_the_page_is_the_table():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.matrix.page"


def test_the_table_has_a_hundred_kinds_and_more_and_every_outcome():
    assert len(KINDS) >= 100
    assert {one.outcome for one in KINDS} == set(Outcome)


def test_every_kind_stands_once_and_says_what_to_do_unless_it_is_accepted():
    assert len({(one.group, one.what) for one in KINDS}) == len(KINDS)
    assert len({one.name for one in CASES}) == len(CASES)
    for one in KINDS:
        accepted = one.outcome is Outcome.ACCEPTED
        assert (one.rule is None) is accepted, one.what
        assert (one.remedy is None) is accepted, one.what
