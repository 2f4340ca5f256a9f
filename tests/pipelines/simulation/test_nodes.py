import pandas as pd
import pytest

from spl_kedro.pipelines.simulation.nodes import simulate_hospitals
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.pipelines.simulation.pipeline import create_pipeline


@pytest.fixture(scope="module")
def handed_over():
    parameters = SimulationParameters(
        training_centre={"patients": 4},
        external_centre={"name": "centre_b", "patients": 2},
        readers={"second_lesions": 3},
        workers=1,
        progress=False,
    )
    return simulate_hospitals(parameters)


def test_the_pipeline_writes_the_raw_data_sets_from_its_parameters_alone():
    pipeline = create_pipeline()
    assert pipeline.inputs() == {"params:simulation"}
    assert pipeline.all_outputs() == {
        "cohort_table",
        "ultrasound_images",
        "lesion_masks",
        "reader2_masks",
        "reader_scores",
    }
    assert [node.name for node in pipeline.nodes] == ["simulate_hospitals", "simulate_readers"]


def test_the_node_hands_over_a_table_with_an_image_and_an_outline_per_row(handed_over):
    table, images, masks, second = handed_over
    assert isinstance(table, pd.DataFrame)
    assert list(table["image_file"]) == list(images) == list(masks)
    assert len(table) == 6
    assert len(second) == 3
    assert set(second) <= set(table.loc[table["centre"] == "centre_a", "outline_file"])


def test_images_and_masks_can_be_written_as_eight_bit_png(handed_over):
    _, images, masks, second = handed_over
    for part in (images, masks, second):
        for name, array in part.items():
            assert name.endswith(".png")
            assert array.dtype == "uint8"
            assert array.ndim == 2
