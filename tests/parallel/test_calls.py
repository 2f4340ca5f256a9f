"""Work on many cases on this machine."""

import threading
import time

import numpy as np
import pytest
from tests.parallel.work import Growing, Limits, Total

from spl_kedro.parallel import in_parallel, in_threads, scheduler, spread, use_scheduler
from spl_kedro.parallel.setting import within_task


@pytest.fixture(params=[in_threads, spread])
def call(request):
    return request.param


def test_results_come_in_the_order_of_the_cases_whatever_ends_first(call):
    def slow(case: int) -> int:
        time.sleep(0.02 * (5 - case))
        return case

    assert list(call(slow, range(5), "cases", workers=3)) == [0, 1, 2, 3, 4]


def test_cases_are_worked_on_side_by_side(call):
    # Each waits for the other: one after the other they would wait for ever.
    both = threading.Barrier(2, timeout=30)
    list(call(lambda _: both.wait(), range(2), "cases", workers=2))


def test_an_error_ends_the_work_and_is_the_one_that_was_raised(call):
    with pytest.raises(ValueError, match="case 1"):
        list(call(refuse_one, range(4), "cases", workers=2))


def refuse_one(case: int) -> int:
    if case == 1:
        raise ValueError(f"case {case}")
    return case


def test_nothing_to_do_is_done(call):
    assert list(call(abs, [], "cases")) == []


def test_tasks_come_back_in_order_whatever_their_number_of_processes():
    table = np.ones(1000)
    tasks = [Total(table, factor) for factor in range(8)]
    for n_jobs in (1, 2):
        found = in_parallel(tasks, n_jobs, "totals", shared=[table])
        assert [total for total, _ in found] == [1000.0 * factor for factor in range(8)]


def test_tasks_made_one_by_one_are_not_made_before_their_turn():
    made = []

    def tasks():
        for case in range(3):
            made.append(case)
            yield lambda case=case: (case, len(made))

    assert in_parallel(tasks(), 1, "tasks", total=3) == [(0, 1), (1, 2), (2, 3)]


def test_a_worker_that_ends_between_two_tasks_is_replaced():
    assert in_parallel([Growing(case) for case in range(7)], 2, "tasks") == list(range(7))


def test_a_task_has_one_thread_of_linear_algebra():
    assert in_parallel([Limits()], 1, "limits") == [{1}]


def test_what_a_task_starts_stays_with_it():
    use_scheduler("tcp://127.0.0.1:9")
    try:
        assert scheduler() is not None
        with within_task():
            assert scheduler() is None
            assert list(spread(abs, [-1], "cases")) == [1]
    finally:
        use_scheduler(None)
