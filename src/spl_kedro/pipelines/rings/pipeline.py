"""The pipeline of the rings: lesions in, features of their surroundings and their stability out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.rings import nodes

RADIOMICS, PARAMETERS = "params:radiomics", "params:rings"
DEEP = "params:deep_features"


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
            Node(
                nodes.embed_rings,
                inputs=["lesions", "cohort", "rings_findings", DEEP, PARAMETERS],
                outputs=["rings_deep_features", "rings_deep_schema", "rings_deep_findings"],
                name="embed_rings",
            ),
            Node(
                nodes.judge_deep_rings,
                inputs=[
                    "rings_deep_features",
                    "rings_deep_schema",
                    "lesions",
                    "reader2_lesions",
                    "cohort",
                    RADIOMICS,
                    DEEP,
                    PARAMETERS,
                ],
                outputs=["rings_deep_stability", "rings_deep_stability_figure"],
                name="judge_deep_rings_stability",
            ),
        ],
    )
