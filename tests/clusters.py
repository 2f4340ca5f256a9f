"""A Dask cluster for tests: a scheduler and workers as processes of their own, on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.projects import ROOT, stop

from spl_kedro.parallel.client import connected, disconnect


@contextmanager
def running_cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """Start a scheduler and workers, yield the address; all of them end with the block.

    A worker that is killed is started again by its nanny. What they write goes to `folder`.
    """
    file = folder / "scheduler.json"
    environment = os.environ | {
        # The readers of the tests are imported by their names.
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        # Else Dask leaves a file in the user's folder.
        "DASK_CONFIG": str(folder),
        # A worker starts slowly on a busy machine.
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "300s",
    }
    started = []

    def start(name: str, *words: str) -> None:
        with (folder / f"{name}.log").open("w") as log:
            started.append(
                subprocess.Popen(
                    [Path(sys.executable).with_name("dask"), *words, "--no-dashboard"],
                    cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip

    try:
        start("scheduler", "scheduler", "--host", "127.0.0.1",
              "--port", "0", "--scheduler-file", str(file))  # fmt: skip
        wait_until(lambda: file.exists() and file.read_text().endswith("}"))
        address = json.loads(file.read_text())["address"]
        for number in range(workers):
            place = str(folder / f"worker{number}")
            start(f"worker{number}", "worker", address, "--host", "127.0.0.1",
                  "--nthreads", "1", "--nworkers", "1", "--local-directory", place)  # fmt: skip
        connected(address).wait_for_workers(workers, timeout=300)
        yield address
    finally:
        disconnect()
        for process in reversed(started):
            stop(process)


def wait_until(reached, seconds: float = 600) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def kill_worker_with(address: str, work: str, ended=lambda: False) -> bool:
    """Kill a worker, by SIGKILL, as soon as it has a task of some work; False where it ended."""
    client = connected(address)
    pids = client.run(os.getpid)
    found: list[str] = []

    def known() -> bool:
        for worker, keys in client.processing().items():
            if any(work in str(key) for key in keys) and worker in pids:
                found.append(worker)
        return bool(found) or ended()

    wait_until(known)
    if found:
        os.kill(pids[found[0]], signal.SIGKILL)
    return bool(found)
