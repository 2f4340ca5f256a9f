"""The serve_study pipeline: a packaged study in; a registered model out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.serve_study.nodes import register_study


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                register_study,
                inputs=["serving_study", "params:serve_study"],
                outputs="served_study",
                name="register_study",
            )
        ]
    )
