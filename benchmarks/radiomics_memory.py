"""Peak memory of the extraction's workers and parent against the size of the cohort.

    python benchmarks/radiomics_memory.py --lesions data/03_primary/lesions --json memory.json

The folder holds stored lesions (.npz, as the data_processing pipeline leaves them). They are
repeated under other names up to each of `--counts`; every cohort runs in a fresh process,
nothing is cached, and the high-water mark of resident memory is read from the kernel.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# radiomics.py beside this file has pyradiomics' module name: not to be searched for modules.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.features.measurement import ExecutionSettings, RadiomicsSettings, extract_features
from spl_kedro.imaging import Lesion


class Stored:
    """Reads one stored lesion."""

    def __init__(self, path: Path):
        self.path = path

    def __call__(self) -> Lesion:
        """Return the lesion."""
        return LesionDataset(filepath=str(self.path)).load()


def _parents() -> dict[int, int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # ended meanwhile
    return parents


def _high_water_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def watch(peaks: dict[int, float], stop: threading.Event) -> None:
    """Keep the largest high-water mark seen of every descendant of this process."""
    while not stop.wait(0.25):
        parents = _parents()
        for pid in parents:
            ancestor = pid
            while ancestor in parents and ancestor != os.getpid():
                ancestor = parents[ancestor]
            if ancestor == os.getpid() and pid != ancestor:
                peaks[pid] = max(peaks.get(pid, 0.0), _high_water_mb(pid))


def measure_cohort(folder: Path, count: int, workers: int) -> dict[str, float]:
    """Extract `count` lesions and return peaks in MB and seconds of wall-clock time."""
    paths = sorted(folder.glob("*.npz"))
    cohort = {f"R{k:06d}": Stored(paths[k % len(paths)]) for k in range(count)}
    peaks: dict[int, float] = {}
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(peaks, stop))
    watcher.start()
    start = time.perf_counter()
    result = extract_features(
        cohort, RadiomicsSettings(), ExecutionSettings(backend="processes", workers=workers)
    )
    seconds = time.perf_counter() - start
    stop.set()
    watcher.join()
    return {
        "lesions": count,
        "measured": len(result.features),
        "largest_worker_mb": max(peaks.values()),
        "parent_mb": _high_water_mb(os.getpid()),
        "table_mb": result.features.to_numpy().nbytes / 2**20,
        "seconds": seconds,
    }


def main() -> None:
    """Measure every cohort size in a fresh process and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lesions", type=Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[609, 6090])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for count in options.counts:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            task = pool.submit(measure_cohort, options.lesions, count, options.workers)
            rows.append(task.result())
    print(f"{'lesions':>8}{'worker MB':>11}{'parent MB':>11}{'table MB':>10}{'seconds':>9}")
    for row in rows:
        print(
            f"{row['lesions']:>8}{row['largest_worker_mb']:>11.0f}{row['parent_mb']:>11.0f}"
            f"{row['table_mb']:>10.0f}{row['seconds']:>9.1f}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
