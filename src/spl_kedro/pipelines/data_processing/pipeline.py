"""The data_processing pipeline: hospital files in, cohort and lesions out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.data_processing.nodes import (
    CHECKED,
    check_cohort,
    describe_cohort,
    divide_cohort,
    find_leaks,
    settle_findings,
)
from spl_kedro.pipelines.grouping import handed_over

#: What the report shows of the cohort; see `handed_over`.
RESULTS = ("quality", "leaks", "duplicates", "duplicates_figure", "table_one")


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
                outputs=list(CHECKED),
                name="check_cohort",
            ),
            Node(
                settle_findings,
                inputs=["checked_lesions", "lesions", "reader2_lesions", "checked_findings"],
                outputs=["usable_lesions", "data_processing_findings"],
                name="settle_findings",
            ),
            Node(
                find_leaks,
                inputs=[
                    *("usable_lesions", "acquisition"),
                    *("params:data_processing", "params:sealing"),
                ],
                outputs=["leaks", "leaks_findings"],
                name="find_leaks",
            ),
            Node(
                divide_cohort,
                inputs=["usable_lesions", "leaks", "params:data_processing", "params:sealing"],
                outputs=["cohort", "divided_cohort", "labels_findings"],
                name="split_cohort",
            ),
            Node(
                describe_cohort,
                inputs=["cohort", "params:modeling.evaluation.pooling"],
                outputs="table_one",
                name="describe_cohort",
            ),
        ],
    ) + handed_over("data_processing_results", RESULTS)
