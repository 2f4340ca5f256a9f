"""The pipeline of the habitats: lesions in; their habitats, stability and pictures out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.grouping import handed_over
from spl_kedro.pipelines.habitats import nodes

FIGURES = ("habitats_figure", "habitats_maps", "habitats_stability_figure")
RADIOMICS, PARAMETERS = "params:radiomics", "params:habitats"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.measure_habitats,
                inputs=["lesions", "cohort", RADIOMICS, PARAMETERS, "params:modeling"],
                outputs=[
                    "habitats_features",
                    "habitats_schema",
                    "habitats_nested",
                    "habitats_clusters",
                    "habitats_clustering",
                    "habitats_findings",
                ],
                name="measure_habitats",
            ),
            Node(
                nodes.judge_habitats,
                inputs=[
                    "habitats_features",
                    "habitats_schema",
                    "habitats_clustering",
                    "lesions",
                    "reader2_lesions",
                    "cohort",
                    RADIOMICS,
                    PARAMETERS,
                ],
                outputs=["habitats_stability", "habitats_stability_figure"],
                name="judge_habitats_stability",
            ),
            Node(
                nodes.draw_habitats,
                inputs=[
                    "habitats_features",
                    "habitats_clusters",
                    "habitats_stability",
                    "habitats_clustering",
                    "lesions",
                    "cohort",
                    RADIOMICS,
                    PARAMETERS,
                ],
                outputs=["habitats_figure", "habitats_maps", "habitats_sections"],
                name="draw_habitats",
            ),
        ],
    ) + handed_over("habitats_figures", FIGURES)
