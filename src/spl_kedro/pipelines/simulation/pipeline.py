"""The simulation pipeline: what two hospitals and their readers hand over."""

from kedro.pipeline import Pipeline, node

from spl_kedro.pipelines.simulation.nodes import simulate_hospitals, simulate_readers


def create_pipeline(**kwargs: object) -> Pipeline:
    """Return the pipeline that writes the raw data of the simulated study."""
    return Pipeline(
        [
            node(
                simulate_hospitals,
                inputs="params:simulation",
                outputs=["cohort_table", "ultrasound_images", "lesion_masks", "reader2_masks"],
                name="simulate_hospitals",
            ),
            node(
                simulate_readers,
                inputs=["cohort_table", "params:simulation"],
                outputs="reader_scores",
                name="simulate_readers",
            ),
        ]
    )
