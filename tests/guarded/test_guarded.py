import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from tests.guarded import misbehaving

from spl_kedro.guarded import EndedError, Limits, guarded, unguarded, within
from spl_kedro.imaging import UnusableLesionError


def test_a_result_is_the_one_that_this_process_would_get():
    there = guarded(misbehaving.pixels, 900)
    here = misbehaving.pixels(900)
    assert there.dtype == here.dtype
    np.testing.assert_array_equal(there, here)


def test_one_process_serves_many_calls_and_is_not_this_one():
    processes = {guarded(misbehaving.process) for _ in range(5)}
    assert len(processes) == 1
    assert os.getpid() not in processes
    with unguarded():
        assert guarded(misbehaving.process) == os.getpid()


@pytest.mark.parametrize(
    ("decoder", "signal"),
    [
        (misbehaving.abort, "SIGABRT"),
        (misbehaving.read_from_nowhere, "SIGSEGV"),
        (misbehaving.exit_in_good_order, "exit code 0"),
    ],
)
def test_a_decoder_that_crashes_ends_its_call_alone(decoder, signal):
    with pytest.raises(EndedError, match=rf"ended the process that decoded it, 2 times \({signal}"):
        guarded(decoder)
    assert guarded(abs, -3) == 3


def test_a_file_is_not_blamed_for_one_death(tmp_path):
    assert guarded(misbehaving.die_once, str(tmp_path / "mark")) == "done"


@pytest.mark.parametrize("decoder", [misbehaving.hang, misbehaving.hang_and_ignore_signals])
def test_a_decoder_that_hangs_is_ended(decoder):
    guarded(abs, 1)
    begin = time.monotonic()
    with within(Limits(seconds=1)), pytest.raises(EndedError, match="not decoded within 1 s"):
        guarded(decoder)
    assert time.monotonic() - begin < 30, "it was waited for to its end"
    assert guarded(abs, -3) == 3


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS caps no memory")
def test_a_decoder_gets_the_memory_it_is_allowed_and_no_more():
    with within(Limits(memory_mb=200)):
        assert guarded(misbehaving.grow, 100) == 100 * 2**20
        with pytest.raises(EndedError, match="took more than 200 MiB of memory"):
            guarded(misbehaving.grow, 300)
    with within(Limits(memory_mb=600)):
        assert guarded(misbehaving.grow, 300) == 300 * 2**20


def test_a_native_program_out_of_memory_is_told_by_its_words():
    with pytest.raises(EndedError, match="of memory to decode"):
        guarded(misbehaving.run_out_of_memory_like_itk)


def test_a_refusal_travels_whole():
    with pytest.raises(UnusableLesionError) as caught:
        guarded(misbehaving.refuse)
    assert (caught.value.rule, caught.value.message) == ("readable file", "a.png cannot be read.")


def test_an_error_that_cannot_travel_is_still_an_error():
    with pytest.raises(RuntimeError, match="LocalError"):
        guarded(misbehaving.raise_what_cannot_travel)
    assert guarded(abs, -3) == 3


def test_threads_work_side_by_side_and_one_that_crashes_disturbs_none():
    def work(number):
        if number % 4:
            return guarded(abs, -number)
        try:
            guarded(misbehaving.abort)
        except EndedError:
            return None

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(8)))
    assert done == [None, 1, 2, 3, None, 5, 6, 7]


def test_limits_hold_in_their_own_thread_alone():
    found = []
    with within(Limits(seconds=1)):
        thread = threading.Thread(target=lambda: found.append(guarded(misbehaving.hang, 1.5)))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_crash_leaves_no_copy_of_the_memory():
    assert guarded(misbehaving.memory_of_crashes) == (0, 0)


def _in_child(queue):
    queue.put((guarded(misbehaving.process), os.getpid()))


def test_a_fork_has_workers_of_its_own_and_a_daemon_may_have_one():
    parents = guarded(misbehaving.process)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,), daemon=True)
    child.start()
    worker, own = queue.get(timeout=120)
    child.join()
    assert worker not in (parents, own, os.getpid())
    assert guarded(misbehaving.process) == parents


def test_a_worker_ends_with_its_program_whatever_ended_it():
    program = (
        "import os, threading\n"
        "from spl_kedro.guarded import guarded\n"
        "from tests.guarded import misbehaving\n"
        "print(guarded(misbehaving.process), flush=True)\n"
        "os._exit(0)\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    worker = int(ended.stdout)
    gone = time.monotonic() + 30
    while psutil.pid_exists(worker) and time.monotonic() < gone:
        time.sleep(0.05)
    assert not psutil.pid_exists(worker)
