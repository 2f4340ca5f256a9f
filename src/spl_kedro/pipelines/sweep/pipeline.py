"""The sweep pipeline: features in, one tracked run per signature and classifier out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.sweep import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.sweep_classifiers,
                inputs=["leak_free_study_table", "params:modeling", "params:sweep"],
                outputs=["sweep_performance", "sweep_records"],
                name="sweep_classifiers",
            ),
        ]
    )
