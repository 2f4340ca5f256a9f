"""The realism pipeline: real images in, their distances from simulated ones out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.realism import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.measure_sets,
                inputs=[
                    "real_lung_images",
                    "real_breast_images",
                    "real_breast_outlines",
                    "params:simulation",
                    "params:realism",
                ],
                outputs=["realism_features", "realism_findings"],
                name="measure_sets",
            ),
            Node(
                nodes.compare_sets,
                inputs=["realism_features", "params:simulation", "params:realism"],
                outputs=["sceptic_realism", "realism_profiles"],
                name="compare_sets",
            ),
            Node(
                nodes.draw_realism,
                inputs=["sceptic_realism", "realism_profiles"],
                outputs="realism_figure",
                name="draw_realism",
            ),
        ]
    )
