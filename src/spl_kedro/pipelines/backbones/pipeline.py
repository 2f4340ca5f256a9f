"""The backbones pipeline: lesions in, one tracked run per backbone and classifier out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.backbones import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.score_backbones,
                inputs=[
                    "lesions",
                    "cohort",
                    "params:deep_features",
                    "params:modeling",
                    "params:backbones",
                ],
                outputs=["backbone_runs", "backbone_predictions"],
                name="score_backbones",
            ),
            Node(
                nodes.compare_backbones,
                inputs=["backbone_runs", "backbone_predictions", "params:modeling"],
                outputs=["backbones", "backbones_records"],
                name="compare_backbones",
            ),
        ]
    )
