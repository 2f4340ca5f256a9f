"""Work on many cases in threads."""

import threading
import time

import pytest

from spl_kedro.threads import in_threads


def test_results_come_in_the_order_of_the_cases_whatever_ends_first():
    def slow(case: int) -> int:
        time.sleep(0.02 * (5 - case))
        return case

    assert list(in_threads(slow, range(5), "cases", workers=3)) == [0, 1, 2, 3, 4]


def test_cases_are_worked_on_side_by_side():
    # Each waits for the other: one after the other they would wait for ever.
    both = threading.Barrier(2, timeout=30)
    list(in_threads(lambda _: both.wait(), range(2), "cases", workers=2))


def test_an_error_ends_the_work_and_is_the_one_that_was_raised():
    with pytest.raises(ValueError, match="case 1"):
        list(in_threads(refuse_one, range(4), "cases", workers=2))


def refuse_one(case: int) -> int:
    if case == 1:
        raise ValueError(f"case {case}")
    return case


def test_nothing_to_do_is_done():
    assert list(in_threads(abs, [], "cases")) == []
