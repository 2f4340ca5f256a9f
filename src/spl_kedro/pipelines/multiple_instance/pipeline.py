"""The pipeline of bags: the study's table of images in; patients' scores, tables, section out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.multiple_instance import nodes

MODELING, PARAMETERS = "params:modeling", "params:multiple_instance"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.learn_from_patients,
                inputs=["leak_free_study_table", "predictions", MODELING, PARAMETERS],
                outputs=["multiple_instance_scores", "multiple_instance_selected"],
                name="learn_from_patients",
            ),
            Node(
                nodes.judge_bags,
                inputs=["multiple_instance_scores", "cohort", MODELING, PARAMETERS],
                outputs=[
                    "multiple_instance_performance",
                    "multiple_instance_differences",
                    "multiple_instance_figure",
                ],
                name="judge_bags",
            ),
            Node(
                nodes.write_section,
                inputs=[
                    "multiple_instance_performance",
                    "multiple_instance_differences",
                    "multiple_instance_selected",
                    "predictions",
                    "cohort",
                    PARAMETERS,
                ],
                outputs="multiple_instance_sections",
                name="write_bags_section",
            ),
        ]
    )
