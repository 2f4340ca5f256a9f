"""The composite pipeline: the study's steps on outlines handed back, and the comparison."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines import cdlr
from spl_kedro.pipelines.grouping import grouped
from spl_kedro.pipelines.outline_comparison import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    # In the group of the steps that read its table: a group is not left and entered again.
    table = Node(
        nodes.hand_back,
        inputs=[
            *("reader_cohort_table", "reader_cohort", "reader_outline_files"),
            *("lesion_masks", "params:data_processing", "params:outline_comparison"),
        ],
        outputs="machine_cohort_table",
        name="hand_back",
    )
    comparison = Node(
        nodes.compare_outlines,
        inputs=["reader_predictions", "predictions", "cohort", "params:modeling"],
        outputs=["outline_comparison", "outline_comparison_figure"],
        name="compare_outlines",
    )
    section = Node(
        nodes.write_section,
        inputs=["outline_comparison", "predictions", "cohort"],
        outputs="outline_comparison_sections",
        name="write_comparison_section",
    )
    parts = {name: step.create_pipeline() for name, step in cdlr.pipeline.STEPS.items()}
    own = Pipeline(parts["data_processing"], inputs={"cohort_table": "machine_cohort_table"})
    parts["data_processing"] = Pipeline([table]) + own
    parts["outline_comparison"] = Pipeline([comparison, section])
    return sum((grouped(name, part) for name, part in parts.items()), start=Pipeline([]))
