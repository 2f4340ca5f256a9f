"""The readers pipeline: readers' scores in, the comparison of modalities out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.readers import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.check_readings,
                inputs=["reader_scores", "cohort", "params:readers", "params:data_processing"],
                outputs=["reader_readings", "readers_findings"],
                name="check_readings",
            ),
            Node(
                nodes.compare_readers,
                inputs=["reader_readings", "params:readers"],
                outputs=[
                    "reader_performance",
                    "reader_comparison",
                    "reader_variance",
                    "reader_reclassification",
                    "reader_roc_curves",
                ],
                name="compare_readers",
            ),
            Node(
                nodes.draw_readers,
                inputs=[
                    "reader_readings",
                    "reader_roc_curves",
                    "reader_performance",
                    "reader_comparison",
                ],
                outputs=["reader_roc_figure", "reader_difference_figure"],
                name="draw_readers",
            ),
        ]
    )
