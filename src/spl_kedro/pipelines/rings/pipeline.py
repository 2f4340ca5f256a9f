"""The pipeline of the rings: lesions in, features of their surroundings and their stability out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.rings import nodes

RADIOMICS, PARAMETERS = "params:radiomics", "params:rings"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.measure_rings,
                inputs=["lesions", "cohort", RADIOMICS, PARAMETERS],
                outputs=["rings_features", "rings_schema", "rings_in_view", "rings_findings"],
                name="measure_rings",
            ),
            Node(
                nodes.judge_rings,
                inputs=[
                    "rings_features",
                    "rings_schema",
                    "lesions",
                    "reader2_lesions",
                    "cohort",
                    RADIOMICS,
                    PARAMETERS,
                ],
                outputs=["rings_stability", "rings_stability_figure"],
                name="judge_rings_stability",
            ),
        ],
    )
