"""Fuzz the readers: ``python -m tests.fuzz --minutes 60 [--folder build/fuzz] [target ...]``."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.child import keep
from tests.fuzz.targets import TARGETS


def main() -> None:
    """Share the minutes among the targets, print a line for each, and end with 1 on a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help="; ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=60, help="of all targets together")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--side-by-side", type=int, default=1, help="targets at a time")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch")
    given = parser.parse_args()
    unknown = set(given.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    seconds = 60 * given.minutes / len(given.targets)
    with ThreadPoolExecutor(given.side_by_side) as pool:
        found = list(
            pool.map(lambda name: target(name, given.folder / name, seconds, given.seed),
                     given.targets)
        )  # fmt: skip
    sys.exit(any(found))


def target(name: str, folder: Path, seconds: float, first: int) -> int:
    """Fuzz one target for some seconds in processes of its own; returns the number of findings."""
    until, left = time.monotonic() + seconds, seconds
    deaths = 0
    batch = first
    (folder / "findings").mkdir(parents=True, exist_ok=True)
    while left > 0:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.child",
            name,
            str(folder),
            str(left),
            str(batch),
        ]
        with (folder / "log.txt").open("ab") as log:
            ended = subprocess.run(command, stdout=log, stderr=log, check=False)
        if ended.returncode == 0:
            break
        left = until - time.monotonic()
        deaths += 1
        path = folder / f"current{TARGETS[name].suffix}"
        said = (
            signal.Signals(-ended.returncode).name
            if ended.returncode < 0
            else f"exit code {ended.returncode}"
        )
        if path.exists():
            keep(folder / "findings", f"died of {said}, {deaths}", path.read_bytes(), path.suffix,
                 said)  # fmt: skip
        if ended.returncode > 0:
            print(f"{name}: ended with {said}, see {folder}/log.txt", flush=True)
            break
        # Not the same batch again, which would die of the same file.
        stored = folder / "batch"
        batch = max(batch, int(stored.read_text()) if stored.exists() else 0) + 1
    findings = [json.loads(one.read_text()) for one in (folder / "findings").glob("*.json")]
    stored = folder / "tried"
    tried = stored.read_text() if stored.exists() else "0"
    print(
        f"{name}: {seconds:.0f} s, {tried} files, {deaths} deaths, "
        f"{len(findings)} kinds of findings",
        flush=True,
    )
    for one in findings:
        print(f"   {one['kind']} ({one['bytes']} bytes)", flush=True)
    return len(findings)


if __name__ == "__main__":
    main()
