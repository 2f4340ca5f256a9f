"""A run that is killed, seen from outside; `benchmarks/kills.py` does so with the whole study."""

import os
import signal
import subprocess
import sys
import time

from tests.projects import kedro, kedro_process, make_project, stop

STEPS = ("run", "--env", "test", "--pipelines", "simulation,data_processing")


def tables(project):
    data = project / "data/test"
    return {path.relative_to(data): path.read_bytes() for path in data.rglob("*.parquet")}


def start(project):
    environment = os.environ | {
        "SPL_KEDRO_ROOT": str(project),
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "kedro", *STEPS],
        cwd=project, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_killed_run_lets_no_other_in_before_and_ends_in_the_same_bytes_after(
    miniature_cohort, tmp_path
):
    project = make_project(tmp_path / "project")
    started = start(project)
    try:
        # While the folder of images is being written.
        images = project / "data/test/01_raw/simulated/images"
        while not images.is_dir():
            assert started.poll() is None
            time.sleep(0.05)
        started.send_signal(signal.SIGSTOP)  # it holds the lock, however fast this machine is
        second = kedro_process(project, *STEPS)
        assert second.returncode != 0
        assert (
            second.stderr.strip()
            .splitlines()[-1]
            .startswith(
                "Error: one run at a time in a data folder: another run is writing into 'test'."
            )
        )
        assert "Traceback" not in second.stderr
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    finally:
        stop(started)
    assert not tables(project)
    resumed = kedro(project, *STEPS, "--only-missing-outputs")
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert len(tables(project)) >= 5
    assert tables(project) == tables(miniature_cohort.project)
    assert not list((project / "data").rglob(".*.part"))


def test_a_damaged_table_is_refused_with_the_command_that_makes_it_again(
    miniature_cohort, tmp_path
):
    project = miniature_cohort.handed_to(make_project(tmp_path / "project"))
    path = project / "data/test/03_primary/cohort.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    refused = kedro(project, "run", "--env", "test", "--pipelines", "radiomics")
    assert refused.returncode != 0
    line = refused.stderr.strip().splitlines()[-1]
    assert "'03_primary/cohort.parquet' was changed or damaged" in line
    assert "kedro run --env test --to-outputs cohort" in line
    made = kedro(project, *STEPS, "--only-missing-outputs")
    assert made.returncode == 0, made.stderr[-3000:]
    assert path.read_bytes() == whole
