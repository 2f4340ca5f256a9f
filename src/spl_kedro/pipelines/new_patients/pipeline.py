"""The new_patients pipeline: table, images and outlines of a few simulated patients out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.new_patients.nodes import simulate_new_patients


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                simulate_new_patients,
                inputs="params:simulation",
                outputs=["new_patients_table", "new_patients_images", "new_patients_outlines"],
                name="simulate_new_patients",
            )
        ]
    )
