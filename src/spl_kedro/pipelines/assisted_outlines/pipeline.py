"""The pipeline of assisted outlines: lesions in; networks, outlines and their agreement out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.assisted_outlines import nodes
from spl_kedro.pipelines.grouping import handed_over

FIGURES = ("assisted_outlines_figure", "assisted_outlines_sheet")
PARAMETERS = "params:assisted_outlines"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.draw_prompts,
                inputs=["lesions", "cohort", PARAMETERS],
                outputs="assisted_prompts",
                name="draw_prompts",
            ),
            Node(
                nodes.assign_outline_folds,
                inputs=["cohort", PARAMETERS],
                outputs="assisted_folds",
                name="assign_outline_folds",
            ),
            Node(
                nodes.train_outline_networks,
                inputs=["lesions", "assisted_folds", PARAMETERS],
                outputs="assisted_networks",
                name="train_outline_networks",
            ),
            Node(
                nodes.outline_lesions,
                inputs=[
                    *("lesions", "reader2_lesions", "cohort", "assisted_prompts", "assisted_folds"),
                    *("assisted_networks", "cohort_table", "params:data_processing", PARAMETERS),
                ],
                outputs=list(nodes.OUTLINED),
                name="outline_lesions",
            ),
            Node(
                nodes.summarise_outlines,
                inputs=[
                    *("assisted_outlines_scores", "assisted_outlines_examples", "cohort"),
                    PARAMETERS,
                ],
                outputs=["assisted_outlines_summary", *FIGURES],
                name="summarise_outlines",
            ),
            Node(
                nodes.write_section,
                inputs=[
                    *("assisted_outlines_summary", "assisted_outlines_examples", "cohort"),
                    PARAMETERS,
                ],
                outputs="assisted_outlines_sections",
                name="write_outlines_section",
            ),
        ]
    ) + handed_over("assisted_outlines_figures", FIGURES)
