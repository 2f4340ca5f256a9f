"""A real scheduler and two real worker processes, some of which die."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from tests.clusters import kill_worker_with, running_cluster
from tests.features.measurement.workers import Deadly, Readable
from tests.guarded import misbehaving
from tests.parallel.work import Limits, Total, Waiting, die_of_three, refuse, square

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement import ExecutionSettings, RadiomicsSettings, extract_features
from spl_kedro.guarded import EndedError, guarded
from spl_kedro.parallel import in_parallel, spread, use_scheduler
from spl_kedro.parallel.client import connected
from spl_kedro.parallel.cluster import AHEAD, on_cluster

INLINE = ExecutionSettings(backend="threads", workers=1, retries=1, progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def address(folder):
    with running_cluster(folder) as address:
        yield address


@pytest.fixture
def cluster(address):
    use_scheduler(address)
    yield address
    use_scheduler(None)


def test_results_come_in_the_order_of_the_cases_few_of_which_are_under_way(cluster):
    taken = []

    def cases():
        for case in range(60):
            taken.append(case)
            yield case

    done = on_cluster(cluster, square, cases(), "squares")
    assert next(done) == 0
    assert len(taken) <= 3 * 2 * AHEAD
    assert list(done) == [case * case for case in range(1, 60)]


def test_functions_made_on_the_spot_travel(cluster):
    offset = np.arange(3)
    assert [list(row) for row in spread(lambda case: offset + case, [1, 2], "sums")] == [
        [1, 2, 3],
        [2, 3, 4],
    ]


def test_what_tasks_share_is_one_object_on_a_worker(cluster):
    table = np.ones(200_000)
    tasks = [Total(table, factor) for factor in range(8)]
    found = in_parallel(tasks, 1, "totals", shared=[table])
    assert [total for total, _ in found] == [200_000.0 * factor for factor in range(8)]
    assert len({place for _, place in found}) <= 2, "a copy for each task"


def test_a_task_has_one_thread_of_linear_algebra(cluster):
    assert in_parallel([Limits()] * 4, 1, "limits") == [{1}] * 4


def test_an_error_is_the_one_that_was_raised_and_says_where(cluster):
    with pytest.raises(ValueError, match="a secret of the patient") as raised:
        list(spread(refuse, range(6), "cases"))
    assert "in refuse" in "".join(raised.value.__notes__)


def test_a_worker_killed_meanwhile_changes_nothing(cluster, tmp_path):
    gate = tmp_path / "gate"
    killed = []

    def kill():
        killed.append(kill_worker_with(cluster, "waiting_for_a_kill"))
        gate.touch()

    # With a table that only the workers have by then, which dies with one of them.
    work, ballast = Waiting(gate), np.ones(100_000)
    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    tasks = [lambda case=case: (work(case)[0], float(ballast.sum())) for case in range(10)]
    found = in_parallel(tasks, 1, "waiting for a kill", shared=[ballast])
    killer.join()
    assert killed == [True]
    assert found == [(case, 100_000.0) for case in range(10)]


def test_a_case_that_kills_its_workers_is_named_and_ends_the_work(cluster):
    with pytest.raises(UnusableStudyError, match="the workers that had lesion L3 died, 2 times"):
        list(spread(die_of_three, range(6), "cases", name="lesion L{}".format))


def test_nothing_of_a_case_is_in_the_logs_of_scheduler_and_workers(cluster, folder):
    with pytest.raises(ValueError, match="a secret"):
        list(spread(refuse, range(6), "cases"))
    logs = "".join(path.read_text() for path in folder.glob("*.log"))
    assert "Registered" in logs
    assert "secret" not in logs


def _cohort(count, **options):
    return {f"L{k:02d}": Readable(f"L{k:02d}", k, **options) for k in range(count)}


def test_radiomics_are_the_same_bytes_though_a_worker_is_killed(cluster, tmp_path):
    gate = tmp_path / "gate"
    cohort = _cohort(4) | {f"L{k:02d}": Readable(f"L{k:02d}", k, gate=str(gate)) for k in (4, 5)}

    def kill():
        kill_worker_with(cluster, "radiomics")
        gate.touch()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    there = extract_features(cohort, RadiomicsSettings(), INLINE)
    killer.join()
    use_scheduler(None)
    here = extract_features(_cohort(6), RadiomicsSettings(), INLINE)
    assert there.quarantine.empty
    there.features.to_parquet(tmp_path / "there.parquet")
    here.features.to_parquet(tmp_path / "here.parquet")
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_a_poison_lesion_ends_in_quarantine_and_the_others_are_measured(cluster, tmp_path):
    cohort = {**_cohort(3), "poison": Deadly("poison", tmp_path)}
    result = extract_features(cohort, RadiomicsSettings(), INLINE)
    assert list(result.features.index) == ["L00", "L01", "L02"]
    assert result.quarantine["rule"].tolist() == ["a lesion whose extraction ends"]


def test_a_file_that_crashes_its_decoder_leaves_the_worker_alone(cluster):
    def decoded(number):
        try:
            return guarded(misbehaving.abort if number == 2 else abs, *([] if number == 2 else [1]))
        except EndedError as error:
            return error.what

    ended = "ended the process that decoded it, 2 times (SIGABRT)"
    assert list(spread(decoded, range(4), "files")) == [1, 1, ended, 1]


def test_an_address_where_nobody_answers_is_named(monkeypatch):
    with pytest.raises(UnusableStudyError, match=r"nothing answers at tcp://127\.0\.0\.1:9 "):
        list(on_cluster("tcp://127.0.0.1:9", square, [1], "squares"))


def test_a_scheduler_that_is_lost_ends_the_work_with_its_address(cluster):  # the last of its tests
    pid = connected(cluster).run_on_scheduler(os.getpid)
    killer = threading.Timer(1, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(UnusableStudyError, match=f"{cluster} was lost during 'naps'"):
        list(spread(time.sleep, [1] * 20, "naps"))
    killer.join()
