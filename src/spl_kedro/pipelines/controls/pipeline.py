"""The controls pipeline: a fitted study in; a table and a forest plot of its controls out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.controls import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.run_controls,
                inputs=[
                    "leak_free_study_table",
                    "leak_free_fitted_study",
                    "predictions",
                    "cohort",
                    "acquisition",
                    "lesions",
                    "deep_networks",
                    "params:radiomics",
                    "params:deep_features",
                    "params:modeling",
                    "params:controls",
                ],
                outputs="sceptic_controls",
                name="run_controls",
            ),
            Node(
                nodes.draw_controls,
                inputs=["sceptic_controls", "cohort"],
                outputs="controls_figure",
                name="draw_controls",
            ),
        ]
    )
