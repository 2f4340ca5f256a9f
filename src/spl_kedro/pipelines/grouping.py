"""Pipelines as the collapsible groups of kedro-viz, and what a group hands over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kedro.pipeline import Node, Pipeline


def grouped(name: str, pipeline: Pipeline) -> Pipeline:
    """Give a pipeline's nodes its name as namespace and as tag; its datasets keep their names."""
    return Pipeline(pipeline, namespace=name, prefix_datasets_with_namespace=False, tags=name)


def hand_over(**found: Any) -> dict[str, Any]:
    """Return what was found, by name."""
    return found


def handed_over(group: str, names: Iterable[str]) -> Pipeline:
    """Return the step that puts what a group found into one dataset, by the names it is stored by.

    The report reads that one. What nothing else reads is then the group's own: kedro-viz folds it
    away with the group, where it would draw a line to the report from each table and figure.

    Parameters
    ----------
    group : str
        The dataset is named after it.
    names : iterable of str
        Datasets that the group makes.
    """
    return Pipeline(
        [
            Node(
                hand_over,
                inputs={name: name for name in names},
                outputs=group,
                name=f"hand_over_{group.rpartition('_')[2]}",
            )
        ]
    )
