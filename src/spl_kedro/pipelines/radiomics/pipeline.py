"""The radiomics pipeline: lesions in, features and their stability out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.radiomics.nodes import judge_stability, measure_radiomics


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                measure_radiomics,
                inputs=["lesions", "cohort", "params:radiomics"],
                outputs=["radiomics_features", "radiomics_schema", "radiomics_findings"],
                name="measure_radiomics",
            ),
            Node(
                judge_stability,
                inputs=[
                    "radiomics_features",
                    "radiomics_schema",
                    "lesions",
                    "reader2_lesions",
                    "cohort",
                    "params:radiomics",
                ],
                outputs=["radiomics_stability", "radiomics_stability_figure"],
                name="judge_radiomics_stability",
            ),
        ],
    )
