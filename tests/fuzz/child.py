"""Fuzz one target in this process, which a file may kill: started by ``python -m tests.fuzz``."""

from __future__ import annotations

import hashlib
import json
import math
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.fuzz.mutations import Seed, mutated
from tests.fuzz.targets import TARGETS, Target, check

from spl_kedro.guarded import unguarded

#: What a file may take here: seconds at work until its process is ended, six times as many on the
#: clock of a busy machine, and MiB beside what it had.
SECONDS, MEMORY_MB = 20, 2048
_SLOW, _LARGE_MB = 5, 1024
_BATCH = 400


def fuzz(name: str, folder: Path, seconds: float, first: int) -> None:
    """Try changed files for some seconds, which begin with the first of them.

    Parameters
    ----------
    name : str
        Of the target.
    folder : Path
        `current.<suffix>` is the file being read, `tried` the number of files,
        `findings` gets those that broke the promise, the shortest of each kind.
    seconds : float
    first : int
        Number of the first batch; each has a seed of its own.
    """
    target = TARGETS[name]
    folder.mkdir(parents=True, exist_ok=True)
    made = _seeds(target, folder / "seeds")
    path = folder / f"current{target.suffix}"
    warnings.simplefilter("ignore")
    for one in made:  # what is imported when it is first used
        path.write_bytes(one.pack(one.parts))
        with unguarded():
            check(target, path)
    _limit_memory()
    _watch(folder)
    tried = folder / "tried"
    count = [int(tried.read_text()) if tried.exists() else 0]
    batch, until = first, math.inf
    while time.monotonic() < until:

        @seed(batch)
        @settings(
            max_examples=_BATCH, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(mutated(made, target.words))
        def trial(data: bytes) -> None:
            nonlocal until
            # On a busy machine what comes before the first file may take longer than that.
            until = min(until, time.monotonic() + seconds)
            if time.monotonic() < until:
                count[0] += 1
                attempt(target, path, data)

        trial()
        batch += 1
        tried.write_text(str(count[0]))
        (folder / "batch").write_text(str(batch))


def attempt(target: Target, path: Path, data: bytes) -> str | None:
    """Read one file and keep it where it broke the promise; returns the kind of fault."""
    path.write_bytes(data)
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(6 * SECONDS)
    kind = words = None
    try:
        # Here and not in a process of its own: this one is limited as that would be.
        with unguarded():
            check(target, path)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
        if type(error).__name__ == "BrokenPromiseError":
            cause = error.__context__.__cause__ or error.__context__
            inner = traceback.extract_tb(cause.__traceback__)[-1]
            kind = (
                f"{error} by {type(cause).__name__} in {Path(inner.filename).name}:{inner.lineno}"
            )
        words = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    if kind is None and time.process_time() - begin > _SLOW:
        kind = words = "slow"
    if kind is None and grown > _LARGE_MB:
        kind = words = "memory"
    if kind is not None:
        keep(path.parent / "findings", kind, data, target.suffix, words or "")
    return kind


def keep(folder: Path, kind: str, data: bytes, suffix: str, words: str) -> None:
    """Store a file that broke the promise, unless a shorter one of the kind is there."""
    folder.mkdir(exist_ok=True)
    name = hashlib.sha256(kind.encode()).hexdigest()[:10]
    path = folder / f"{name}{suffix}"
    if path.exists() and path.stat().st_size <= len(data):
        return
    path.write_bytes(data)
    told = {"kind": kind, "bytes": len(data), "file": path.name, "words": words[-3000:]}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1))


def _seeds(target: Target, folder: Path) -> list[Seed]:
    made = target.seeds()
    folder.mkdir(exist_ok=True)
    for number, one in enumerate(made):
        data = one.pack(one.parts)
        (folder / f"{number}{target.suffix}").write_bytes(data)
    return made


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _watch(folder: Path) -> None:
    """Keep as findings what reading writes elsewhere, starts, or asks of the network."""
    own = str(folder.resolve())

    def hook(event: str, given: tuple) -> None:
        writes = (
            event == "open"
            and isinstance(given[1], str)
            and set(given[1]) & set("wax+")
            and not str(given[0]).startswith((own, "/dev/null"))
        )
        if writes or event in ("subprocess.Popen", "os.system", "os.exec", "os.fork",
                               "socket.connect", "socket.getaddrinfo"):  # fmt: skip
            raise RuntimeError(f"{event} {str(given[0])[:200]}")

    sys.addaudithook(hook)


if __name__ == "__main__":
    # Resolved: where it may write is told by whole paths.
    fuzz(
        sys.argv[1],
        Path(sys.argv[2]).resolve(),
        float(sys.argv[3]),
        int(sys.argv[4]),
    )
