"""The outline_robustness pipeline: a fitted study in; what other outlines make of it out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.outline_robustness import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.examine_outlines,
                inputs=[
                    "leak_free_study_table",
                    "leak_free_fitted_study",
                    "predictions",
                    "cohort",
                    "lesions",
                    "reader2_lesions",
                    "deep_networks",
                    "deep_crops",
                    "deep_folds",
                    "params:radiomics",
                    "params:deep_features",
                    "params:outline_robustness",
                ],
                outputs=[
                    "sceptic_outline_icc",
                    "sceptic_outline_scores",
                    "sceptic_outline_distances",
                ],
                name="examine_outlines",
            ),
            Node(
                nodes.judge_outlines,
                inputs=[
                    "sceptic_outline_icc",
                    "sceptic_outline_scores",
                    "sceptic_outline_distances",
                    "params:modeling",
                ],
                outputs=[
                    "sceptic_outline_spread",
                    "sceptic_outline_auc",
                    "sceptic_outline_summary",
                ],
                name="judge_outlines",
            ),
            Node(
                nodes.draw_outlines,
                inputs=[
                    "sceptic_outline_spread",
                    "sceptic_outline_auc",
                    "sceptic_outline_summary",
                    "cohort",
                    "params:modeling",
                ],
                outputs=[
                    "outline_auc_figure",
                    "outline_spread_figure",
                    "outline_icc_figure",
                ],
                name="draw_outlines",
            ),
        ]
    )
