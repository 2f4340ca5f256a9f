"""The recalibrate pipeline: a packaged study and local cases in; a recalibrated study out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.recalibrate import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.recalibrate,
                inputs=[
                    "recalibration_study",
                    "recalibration_predictions",
                    "recalibration_cohort",
                    "params:recalibrate",
                    "params:modeling",
                ],
                outputs=[
                    "recalibrated_study",
                    "recalibration_performance",
                    "recalibration_lines",
                    "recalibration_curves",
                ],
                name="recalibrate",
            ),
            Node(
                nodes.draw_recalibration,
                inputs=["recalibration_curves", "recalibration_lines", "recalibrated_study"],
                outputs="recalibration_figure",
                name="draw_recalibration",
            ),
        ]
    )
