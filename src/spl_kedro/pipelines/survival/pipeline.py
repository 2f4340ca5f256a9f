"""The pipeline of time to event: two columns of the table in, performance and figures out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.survival import nodes

TABLE, PARAMETERS, MODELING = "leak_free_study_table", "params:survival", "params:modeling"
TABLES = tuple(f"survival_{name}" for name in nodes.TABLES)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.read_follow_up,
                inputs=[
                    "cohort_table",
                    "ultrasound_images",
                    TABLE,
                    "params:data_processing",
                    PARAMETERS,
                ],
                outputs=["survival_follow_up", "survival_findings"],
                name="read_follow_up",
            ),
            Node(
                nodes.fit_survival,
                inputs=[
                    TABLE,
                    "leak_free_fitted_study",
                    "survival_follow_up",
                    MODELING,
                    PARAMETERS,
                ],
                outputs=["survival_model", "survival_predictions"],
                name="fit_survival",
            ),
            Node(
                nodes.measure_survival,
                inputs=["survival_predictions", MODELING, PARAMETERS],
                outputs=list(TABLES),
                name="measure_survival",
            ),
            Node(
                nodes.draw_survival,
                inputs=[TABLES[0], *TABLES[2:], "cohort", MODELING, PARAMETERS],
                outputs=["survival_risk_groups_figure", "survival_figure"],
                name="draw_survival",
            ),
            Node(
                nodes.write_section,
                inputs=[
                    *(*TABLES, "survival_findings", "cohort"),
                    *("leak_free_fitted_study", PARAMETERS),
                ],
                outputs="survival_sections",
                name="write_survival_section",
            ),
        ]
    )
