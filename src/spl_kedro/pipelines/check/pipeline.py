"""The check pipeline: hospital files in, a page out that a person can act on."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.check.nodes import show_cohort


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    inputs = [
        *("cohort_table", "ultrasound_images", "lesion_masks", "reader2_masks"),
        *("params:data_processing", "params:reporting", "params:modeling", "params:deep_features"),
        "params:sealing",
    ]
    outputs = ["check_usable", "check_findings", "check_page"]
    return Pipeline([Node(show_cohort, inputs=inputs, outputs=outputs, name="show_cohort")])
