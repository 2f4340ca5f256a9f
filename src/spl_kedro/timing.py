"""How long each step takes: to load, to run, to save."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node

log = logging.getLogger(__name__)

DATASET = "run_durations"
START = "start"
# Kedro imports this module with the project's settings, before anything else of the project.
_IMPORTED = time.perf_counter()


def account(durations: Mapping[str, Mapping[str, float]], longest: int = 3) -> str:
    """Return in one sentence where the time of a run went.

    Parameters
    ----------
    durations : mapping of str to mapping of str to float
        Seconds by node and phase (load, run, save), ``start`` among the nodes.
    longest : int
        How many of the slowest nodes are named.

    Examples
    --------
    >>> account({"start": {"run": 2}, "fit": {"load": 1, "run": 30, "save": 4}, "draw": {"run": 9}})
    'Time: start 2 s, steps 39 s, loading and saving 5 s. Longest: fit 35 s, draw 9 s.'
    """
    nodes = {name: phases for name, phases in durations.items() if name != START}
    start = sum(durations.get(START, {}).values())
    run = sum(phases.get("run", 0.0) for phases in nodes.values())
    total = {name: sum(phases.values()) for name, phases in nodes.items()}
    slowest = sorted(total, key=total.__getitem__, reverse=True)[:longest]
    return (
        f"Time: start {start:.0f} s, steps {run:.0f} s, loading and saving "
        f"{sum(total.values()) - run:.0f} s. Longest: "
        + ", ".join(f"{name} {total[name]:.0f} s" for name in slowest)
        + "."
    )


class TimingHooks:
    """Saves the seconds of each node to the catalog's `run_durations`, and sums them up at the end.

    They are written at the end of a run, however it ends, and before a node reads them. What a
    partitioned dataset loads or saves lazily counts where it happens. A run's first entry,
    ``start``, is the time from the reading of the project's settings to the first node.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # of the ThreadRunner's and --async's threads
        self._reset(None)

    def _reset(self, catalog: CatalogProtocol | None) -> None:
        self._catalog = catalog
        self._began: dict[tuple[str, str, str], float] = {}
        self._seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def _begin(self, node: str, phase: str, dataset: str = "") -> None:
        with self._lock:
            self._began[node, phase, dataset] = time.perf_counter()

    def _end(self, node: str, phase: str, dataset: str = "") -> None:
        now = time.perf_counter()
        with self._lock:
            began = self._began.pop((node, phase, dataset), None)
            if began is not None:
                self._seconds[node][phase] += now - began

    def _write(self) -> None:
        if self._catalog is None or DATASET not in self._catalog:
            return
        with self._lock:
            found = {
                node: {phase: round(seconds, 2) for phase, seconds in phases.items()}
                for node, phases in self._seconds.items()
            }
        self._catalog[DATASET].save(found)

    @hook_impl
    def before_pipeline_run(self, catalog: CatalogProtocol) -> None:
        """Forget an earlier run of this process; note how long the start took."""
        first = self._catalog is None
        self._reset(catalog)
        if first:
            self._seconds[START]["run"] = time.perf_counter() - _IMPORTED

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str, node: Node) -> None:
        """Start the clock; write what is known where it is asked for."""
        if dataset_name == DATASET:
            self._write()
        self._begin(node.name, "load", dataset_name)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, node: Node) -> None:
        """Add the time of one dataset's loading to its node's."""
        self._end(node.name, "load", dataset_name)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Start the node's clock."""
        self._begin(node.name, "run")

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Stop the node's clock; a generator's work counts as saving."""
        self._end(node.name, "run")

    @hook_impl
    def before_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Start the clock."""
        self._begin(node.name, "save", dataset_name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Add the time of one dataset's saving to its node's."""
        self._end(node.name, "save", dataset_name)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Write all durations, and say where the time went."""
        self._write()
        if any(name != START for name in self._seconds):
            log.info(account(self._seconds))

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Write the durations of the nodes that ended."""
        self._write()
