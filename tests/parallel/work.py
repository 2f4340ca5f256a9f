"""Work that workers can import: ordinary, refusing and deadly."""

import os
import signal
import time
from pathlib import Path
from typing import ClassVar


def square(case: int) -> int:
    return case * case


def refuse(case: int) -> int:
    if case == 3:
        raise ValueError("a secret of the patient")
    return case


def die_of_three(case: int) -> int:
    if case == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return case


class Waiting:
    """Waits for a file, so that its worker can be killed meanwhile."""

    def __init__(self, gate: Path) -> None:
        self.gate = str(gate)

    def __call__(self, case: int) -> tuple[int, int]:
        while case >= 2 and not Path(self.gate).exists():
            time.sleep(0.02)
        return case, os.getpid()


class Total:
    """A task that refers to a table which it shares with others."""

    def __init__(self, table, factor: int) -> None:
        self.table, self.factor = table, factor

    def __call__(self) -> tuple[float, int]:
        return float(self.table.sum()) * self.factor, id(self.table)


class Limits:
    """Threads of linear algebra that a task finds."""

    def __call__(self) -> set[int]:
        import numpy as np
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        return {library["num_threads"] for library in threadpool_info()}


class Growing:
    """Keeps so much that joblib takes its worker for one that leaks, and ends it."""

    kept: ClassVar[list[bytes]] = []

    def __init__(self, case: int) -> None:
        self.case = case

    def __call__(self) -> int:
        self.kept.append(b"1" * 150_000_000)
        time.sleep(1.05)  # joblib looks once a second
        return self.case
