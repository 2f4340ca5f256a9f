"""Lesions to deep-transfer-learning features."""

from __future__ import annotations

from kedro.pipeline import Pipeline, node

from spl_kedro.pipelines.deep_features import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the ``deep_features`` pipeline."""
    return Pipeline(
        [
            node(
                nodes.crop_lesions,
                inputs=["lesions", "cohort", "params:deep_features"],
                outputs=["deep_crops", "deep_findings"],
                name="crop_lesions",
            ),
            node(
                nodes.assign_deep_folds,
                inputs=["cohort", "params:deep_features"],
                outputs="deep_folds",
                name="assign_deep_folds",
            ),
            node(
                nodes.assign_outer_folds,
                inputs=["cohort", "params:deep_features", "params:modeling"],
                outputs="outer_folds",
                name="assign_outer_folds",
            ),
            node(
                nodes.train_deep_networks,
                inputs=["deep_crops", "cohort", "deep_folds", "params:deep_features"],
                outputs=["deep_networks", "trained_networks"],
                name="train_deep_networks",
            ),
            node(
                nodes.record_deep_networks,
                inputs=[
                    "trained_networks",
                    "deep_crops",
                    "cohort",
                    "deep_folds",
                    "params:deep_features",
                ],
                outputs="deep_training_records",
                name="record_deep_networks",
            ),
            node(
                nodes.embed_lesions,
                inputs=[
                    "deep_crops",
                    "cohort",
                    "deep_folds",
                    "deep_networks",
                    "params:deep_features",
                ],
                outputs=["deep_embeddings", "deep_embeddings_as_published"],
                name="embed_lesions",
            ),
            node(
                nodes.embed_lesions_nested,
                inputs=[
                    "deep_crops",
                    "cohort",
                    "deep_folds",
                    "outer_folds",
                    "deep_networks",
                    "params:deep_features",
                ],
                outputs="deep_embeddings_nested",
                name="embed_lesions_nested",
            ),
            node(
                nodes.reduce_to_dtl,
                inputs=[
                    "deep_embeddings",
                    "deep_embeddings_as_published",
                    "cohort",
                    "params:deep_features",
                ],
                outputs=["dtl_features", "dtl_features_as_published"],
                name="reduce_to_dtl",
            ),
        ],
    )
