"""How long each node takes, written down as the run goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node

DATASET = "run_durations"


class TimingHooks:
    """Saves each node's seconds to the catalog's `run_durations` once the node has run.

    A node that yields its outputs piecewise (a generator) is timed until it has returned the
    generator only; no node of this project does.
    """

    def __init__(self) -> None:
        self._started: dict[str, float] = {}

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Start the node's clock."""
        self._started[node.name] = time.perf_counter()

    @hook_impl
    def after_node_run(
        self, node: Node, catalog: CatalogProtocol, outputs: dict[str, Any] | Iterator[Any]
    ) -> None:
        """Write down how long the node took."""
        started = self._started.pop(node.name, None)
        if started is not None and DATASET in catalog:
            catalog[DATASET].save({node.name: round(time.perf_counter() - started, 2)})
