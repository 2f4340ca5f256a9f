"""The sweep pipeline: features in, one tracked run per signature and classifier out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.modeling.nodes import assemble_table
from spl_kedro.pipelines.sweep import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                assemble_table,
                inputs=[
                    "cohort",
                    "radiomics_features",
                    "dtl_features",
                    "radiomics_schema",
                    "radiomics_stability",
                    "deep_folds",
                    "params:data_processing",
                    "params:modeling",
                ],
                outputs="sweep_table",
                name="assemble_sweep_table",
            ),
            Node(
                nodes.sweep_classifiers,
                inputs=["sweep_table", "params:modeling", "params:sweep"],
                outputs=["sweep_performance", "sweep_records"],
                name="sweep_classifiers",
            ),
        ]
    )
