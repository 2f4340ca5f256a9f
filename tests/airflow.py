"""A stand-in for Airflow, which is not installed: it keeps a DAG's tasks and their order.

Started as a program it does the tasks of a DAG that are named, in order, in one process.
"""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace


class Task:
    """A task: its name, what it does, and what comes after it."""

    def __init__(self, name: str, work: Callable[[], None], of: "Dag") -> None:
        self.name, self.work, self._of = name, work, of

    def __rshift__(self, later: "Task") -> "Task":
        self._of.edges.add((self.name, later.name))
        return later


class Dag:
    """What a DAG file says: settings, tasks by name, and pairs of tasks that follow each other."""

    def __init__(self) -> None:
        self.settings: dict[str, object] = {}
        self.tasks: dict[str, Task] = {}
        self.edges: set[tuple[str, str]] = set()

    def dag(self, **settings: object) -> Callable:
        self.settings = settings
        return lambda build: build

    def task(self, *, task_id: str) -> Callable:
        def made(work: Callable[[], None]) -> Callable[[], Task]:
            assert task_id not in self.tasks
            self.tasks[task_id] = Task(task_id, work, self)
            return lambda: self.tasks[task_id]

        return made


def read_dag(file: Path) -> Dag:
    """Return what the DAG file says, by running it as Airflow does."""
    found = Dag()
    airflow, sdk = ModuleType("airflow"), SimpleNamespace(dag=found.dag, task=found.task)
    known = {name: sys.modules.get(name) for name in ("airflow", "airflow.sdk")}
    sys.modules |= {"airflow": airflow, "airflow.sdk": sdk}
    try:
        runpy.run_path(str(file))
    finally:
        for name, module in known.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return found


if __name__ == "__main__":
    read = read_dag(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        read.tasks[name].work()
