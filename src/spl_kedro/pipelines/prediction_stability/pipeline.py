"""The prediction_stability pipeline: a fitted study in; its refits and their agreement out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.prediction_stability import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.refit_study,
                inputs=[
                    "leak_free_fitted_study",
                    "leak_free_study_table",
                    "params:modeling",
                    "params:prediction_stability",
                ],
                outputs=["sceptic_refit_scores", "sceptic_refit_draws", "sceptic_refit_weights"],
                name="refit_study",
            ),
            Node(
                nodes.judge_refits,
                inputs=[
                    "leak_free_fitted_study",
                    "leak_free_study_table",
                    "sceptic_refit_scores",
                    "sceptic_refit_draws",
                ],
                outputs=[
                    "sceptic_instability",
                    "sceptic_instability_summary",
                    "sceptic_instability_cells",
                    "sceptic_instability_curves",
                ],
                name="judge_refits",
            ),
        ]
    )
