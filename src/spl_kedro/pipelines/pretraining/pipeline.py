"""Simulated lesions to weights."""

from __future__ import annotations

from kedro.pipeline import Pipeline, node

from spl_kedro.pipelines.pretraining import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the ``pretraining`` pipeline."""
    return Pipeline(
        [
            node(
                nodes.pretrain_network,
                inputs=["params:simulation", "params:pretraining"],
                outputs=["pretrained_network", "pretraining_records"],
                name="pretrain_network",
            )
        ],
    )
