"""The data_processing pipeline: hospital files in, cohort and lesions out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.data_processing.nodes import (
    check_cohort,
    describe_cohort,
    divide_cohort,
    settle_quarantine,
)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                check_cohort,
                inputs=[
                    "cohort_table",
                    "ultrasound_images",
                    "lesion_masks",
                    "reader2_masks",
                    "params:data_processing",
                    "params:sealing",
                ],
                outputs=[
                    "checked_lesions",
                    "lesions",
                    "reader2_lesions",
                    "set_aside",
                    "warnings",
                    "quality",
                    "column_audit",
                    "acquisition",
                ],
                name="check_cohort",
            ),
            Node(
                settle_quarantine,
                inputs=["checked_lesions", "lesions", "reader2_lesions", "set_aside"],
                outputs=["usable_lesions", "quarantine"],
                name="settle_quarantine",
            ),
            Node(
                divide_cohort,
                inputs=["usable_lesions", "params:data_processing", "params:sealing"],
                outputs=["cohort", "divided_cohort", "labels_quarantine"],
                name="split_cohort",
            ),
            Node(describe_cohort, inputs="cohort", outputs="table_one", name="describe_cohort"),
        ],
    )
