"""How far a run is: which of its steps begins, and how long the others took the last time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from threading import Lock
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from spl_kedro.bars import duration
from spl_kedro.reuse import forget_reuse
from spl_kedro.timing import DATASET

log = logging.getLogger(__name__)

# What kedro itself says of each step, which takes up to forty lines; it calls no hooks of ours in
# other processes, where that is all there is.
_KEDROS = ("kedro.runner", "kedro.pipeline.node")
_PARALLEL = "ParallelRunner"


class StepHooks:
    """Says in a line which step begins, and how much time is left by the durations of before."""

    def __init__(self) -> None:
        self._lock = Lock()  # of the ThreadRunner's threads
        self._waiting: dict[str, float | None] = {}
        self._total = 0
        self._begun = 0

    @hook_impl
    def before_pipeline_run(
        self, run_params: Mapping[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Look up how long the steps took the last time."""
        forget_reuse()
        before = catalog.load(DATASET) if DATASET in catalog else {}
        self._waiting = {
            node.name: sum(before[node.name].values()) if node.name in before else None
            for node in pipeline.nodes
        }
        self._begun, self._total = 0, len(self._waiting)
        level = logging.INFO if run_params.get("runner") == _PARALLEL else logging.WARNING
        for name in _KEDROS:
            logging.getLogger(name).setLevel(level)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Say which step begins."""
        with self._lock:
            self._begun += 1
            left = list(self._waiting.values())
            took = self._waiting.pop(node.name, None)
            line = f"Step {self._begun} of {self._total}: {node.name}"
        if took is not None and took >= 2:
            line += f", {duration(took)} the last time"
        # Of steps that were never timed nobody knows.
        known = [seconds for seconds in left if seconds is not None]
        if known and len(known) == len(left) and sum(known) >= 2:
            line += f"; about {duration(sum(known))} left"
        log.info(line)

    @hook_impl
    def after_pipeline_run(self, run_params: Mapping[str, Any]) -> None:
        """Where only missing results were asked for, say how many steps that took."""
        if run_params.get("only_missing_outputs"):
            log.info(
                "%d of %d steps were needed: the results of the others are there.",
                self._begun,
                self._total,
            )
