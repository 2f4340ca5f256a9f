"""A real scheduler and two real worker processes, one of which dies."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from spl_kedro.features.measurement import ExecutionSettings, RadiomicsSettings, extract_features

from .workers import Deadly, Readable

CHOSEN = RadiomicsSettings()
TESTS = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def cluster():
    import dask
    from distributed import LocalCluster

    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    previous = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = path
    with (
        dask.config.set(
            {
                # A worker starts slowly on a busy machine.
                "distributed.comm.timeouts.connect": "300s",
                "distributed.scheduler.allowed-failures": 1,
                "distributed.nanny.pre-spawn-environ": {},
            }
        ),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as running,
    ):
        yield running
    if previous is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = previous


def _dask(cluster):
    return ExecutionSettings(
        backend="dask", scheduler=cluster.scheduler_address, retries=1, progress=False
    )


def _cohort(count, **options):
    return {f"L{k:02d}": Readable(f"L{k:02d}", k, **options) for k in range(count)}


def test_a_worker_killed_mid_run_changes_no_byte(cluster, tmp_path):
    # The later lesions wait for the kill, so that it comes in the middle on any machine.
    killed = tmp_path / "killed"
    cohort = _cohort(8, folder=str(tmp_path)) | {
        f"L{k:02d}": Readable(f"L{k:02d}", k, gate=str(killed)) for k in range(8, 16)
    }
    victim = next(iter(cluster.workers.values())).pid

    def kill_one_worker():
        while len(list(tmp_path.iterdir())) < 4:
            time.sleep(0.01)
        os.kill(victim, signal.SIGKILL)
        killed.touch()

    killer = threading.Thread(target=kill_one_worker, daemon=True)
    killer.start()
    result = extract_features(cohort, CHOSEN, _dask(cluster))
    killer.join()
    here = extract_features(
        _cohort(16), CHOSEN, ExecutionSettings(backend="threads", workers=1, progress=False)
    )
    assert result.quarantine.empty
    result.features.to_parquet(tmp_path / "dask.parquet")
    here.features.to_parquet(tmp_path / "here.parquet")
    assert (tmp_path / "dask.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_a_poison_lesion_ends_in_quarantine_and_the_others_are_measured(cluster, tmp_path):
    cohort = {**_cohort(4), "poison": Deadly("poison", tmp_path)}
    result = extract_features(cohort, CHOSEN, _dask(cluster))
    assert list(result.features.index) == ["L00", "L01", "L02", "L03"]
    assert result.quarantine["rule"].tolist() == ["a lesion whose extraction ends"]


def test_an_address_where_nobody_answers_is_an_error():
    execution = ExecutionSettings(backend="dask", scheduler="tcp://127.0.0.1:9", progress=False)
    with pytest.raises(OSError, match="Timed out"):
        extract_features(_cohort(1), CHOSEN, execution)
