"""Kill the small study at random moments, run it again, compare its tables byte by byte.

    python benchmarks/kills.py --folder /scratch/kills --kills 20

Each kill has a project of its own in the folder. It starts `kedro run --env test`, sends SIGKILL to
the whole process group at a moment drawn evenly over an undisturbed run's duration, and runs it
again: the first time from the start, the second time with `--only-missing-outputs`, and so on in
turn. A line of JSON for each goes to `kills.jsonl` in the folder; a script that was stopped goes on
with the next kill.

With `--in-a-row` one study alone is killed so many times, each time it goes on with
`--only-missing-outputs`, at a moment drawn evenly over the first `--longest` seconds after it has
begun to work; then it is left to end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.projects import make_project

RUN = ("run", "--env", "test")
MISSING = "--only-missing-outputs"
#: What a run says when it begins to work.
WORKING = re.compile(rb"Step 1 of \d+: ")


def start(project: Path, *arguments: str, log: str) -> subprocess.Popen:
    environment = os.environ | {
        "SPL_KEDRO_ROOT": str(project),
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
    }
    with (project / log).open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "kedro", *arguments],
            cwd=project / "conf", env=environment, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def run(project: Path, *arguments: str, log: str) -> float:
    began = time.monotonic()
    started = start(project, *arguments, log=log)
    if started.wait():
        raise SystemExit(f"{project}/{log}: the run ended with {started.returncode}.")
    return time.monotonic() - began


def tables(project: Path) -> dict[str, str]:
    data = project / "data/test"
    return {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*.parquet"))
    }


def states(project: Path) -> list[str]:
    with sqlite3.connect(project / "mlflow.db") as database:
        return [state for (state,) in database.execute("select distinct status from runs")]


def killed(project: Path, seconds: float, *, missing: bool) -> dict[str, object]:
    """Kill a run after so many seconds, run it again, and say what was there in between."""
    make_project(project)
    started = start(project, *RUN, log="killed.log")
    with suppress(subprocess.TimeoutExpired):
        started.wait(timeout=seconds)
    ended = started.poll() is not None
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    before = tables(project)
    again = run(project, *RUN, *([MISSING] if missing else []), log="again.log")
    return {
        "seconds": round(seconds, 1), "ended_before": ended, "tables_then": len(before),
        "again": MISSING if missing else "from the start", "again_seconds": round(again),
        "mlflow": states(project),
    }  # fmt: skip


def killed_in_a_row(project: Path, kills: int, longest: float, seed: int) -> list[dict]:
    """Kill one study again and again, and let it end."""
    make_project(project)
    moments, told = random.Random(seed), []
    for number in range(kills):
        log = project / f"killed_{number:02d}.log"
        started = start(project, *RUN, MISSING, log=log.name)
        while started.poll() is None and not WORKING.search(log.read_bytes()):
            time.sleep(0.2)
        seconds = moments.uniform(0, longest)
        with suppress(subprocess.TimeoutExpired):
            started.wait(timeout=seconds)
        ended = started.poll() is not None
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        if started.wait() not in (0, -signal.SIGKILL):
            raise SystemExit(f"{log}: the run ended with {started.returncode}.")
        parts = sum(path.name.endswith(".part") for path in (project / "data").rglob(".*"))
        told.append(
            {"kill": number, "seconds": round(seconds, 1), "ended_before": ended, "parts": parts,
             "tables_then": len(tables(project))}
        )  # fmt: skip
        print(told[-1], flush=True)
    run(project, *RUN, MISSING, log="again.log")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    # Resolved: kedro is started in another folder.
    parser.add_argument("--folder", type=lambda told: Path(told).resolve(), required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20260324)
    parser.add_argument("--in-a-row", action="store_true")
    parser.add_argument("--longest", type=float, default=40)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    reference, told = options.folder / "undisturbed", options.folder / "kills.jsonl"
    length = options.folder / "seconds.txt"
    if not length.is_file():
        shutil.rmtree(reference, ignore_errors=True)
        length.write_text(str(run(make_project(reference), *RUN, log="run.log")))
    expected, duration = tables(reference), float(length.read_text())
    if options.in_a_row:
        project = options.folder / "in_a_row"
        shutil.rmtree(project, ignore_errors=True)
        ended = killed_in_a_row(project, options.kills, options.longest, options.seed)
        got = tables(project)
        differ = sorted(n for n in expected.keys() | got.keys() if expected.get(n) != got.get(n))
        hit = sum(not line["ended_before"] for line in ended)
        print(f"{hit} kills; of {len(expected)} tables differ: {differ}; MLflow: {states(project)}")
        return
    moments = random.Random(options.seed)
    drawn = [moments.uniform(0, duration) for _ in range(options.kills)]
    done = len(told.read_text().splitlines()) if told.is_file() else 0
    for number, seconds in enumerate(drawn[done:], start=done):
        project = options.folder / f"kill_{number:02d}"
        shutil.rmtree(project, ignore_errors=True)
        found = killed(project, seconds, missing=number % 2 == 1)
        got = tables(project)
        names = expected.keys() | got.keys()
        differ = sorted(name for name in names if expected.get(name) != got.get(name))
        line = {"kill": number, **found, "tables": len(got), "differ": differ}
        with told.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(line, flush=True)
        if not differ:
            shutil.rmtree(project)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    equal = sum(not line["differ"] for line in lines)
    print(f"{equal} of {len(lines)} kills ended in the same {len(expected)} tables.")


if __name__ == "__main__":
    main()
