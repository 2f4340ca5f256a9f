"""The pipeline of the learners: the study's table in; their scores, table and section out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.tabular_learners import nodes

MODELING, PARAMETERS = "params:modeling", "params:tabular_learners"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.fit_learners,
                inputs=["leak_free_study_table", MODELING, PARAMETERS],
                outputs=[
                    "tabular_learners_scores",
                    "tabular_learners_choices",
                    "tabular_learners_not_run",
                ],
                name="fit_learners",
            ),
            Node(
                nodes.judge_learners,
                inputs=[
                    "tabular_learners_scores",
                    "tabular_learners_not_run",
                    "predictions",
                    "cohort",
                    MODELING,
                    PARAMETERS,
                ],
                outputs=["tabular_learners_performance", "tabular_learners_figure"],
                name="judge_learners",
            ),
            Node(
                nodes.write_section,
                inputs=[
                    "tabular_learners_performance",
                    "tabular_learners_choices",
                    "predictions",
                    "cohort",
                    PARAMETERS,
                ],
                outputs="tabular_learners_sections",
                name="write_learners_section",
            ),
        ]
    )
