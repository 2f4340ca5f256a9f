"""The outline_robustness pipeline: a fitted study in; what other outlines make of it out."""

from collections.abc import Iterable

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.grouping import handed_over
from spl_kedro.pipelines.outline_robustness import nodes

FIGURES = ("outline_auc_figure", "outline_spread_figure", "outline_icc_figure")


def create_pipeline(after: Iterable[str] = (), **kwargs) -> Pipeline:
    """Return the pipeline.

    Parameters
    ----------
    after : iterable of str
        Datasets that are made before it begins: the files of `other_outlines`.
    """
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
                    "other_outlines",
                    "deep_networks",
                    "deep_crops",
                    "deep_folds",
                    "params:radiomics",
                    "params:deep_features",
                    "params:outline_robustness",
                    *after,
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
                outputs=list(FIGURES),
                name="draw_outlines",
            ),
        ]
    ) + handed_over("outline_figures", FIGURES)
