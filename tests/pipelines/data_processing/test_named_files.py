"""Files found by `data_processing.files`, on the path of the node that reads them."""

import pandas as pd
import pytest
from tests.cohort.test_cohort import settings
from tests.cohort.test_pseudonyms import image, outline

from spl_kedro.pipelines.data_processing.nodes import check_cohort

ROWS = 20


def checked(images, outlines, **changes):
    table = pd.DataFrame(
        {
            "case": [f"{number}" for number in range(ROWS)],
            "patient": [f"p{number}" for number in range(ROWS)],
            "centre": "a",
            "result": ["benign", "malignant"] * (ROWS // 2),
            "pixel_cm": "0.01",
            "Age": [str(30 + number) for number in range(ROWS)],
            "Sex": "F",
            "picture": [f"us_{number}.png" for number in range(ROWS)],
        }
    )
    own = settings(excluded=[], split={"seed": 1}, **changes)
    found = check_cohort(
        table,
        {images.format(number): image(number) for number in range(ROWS)},
        {outlines.format(number): outline(number) for number in range(ROWS)},
        {outlines.format(0): outline(1)},
        own,
    )
    return found[0], found[3][found[3]["action"] == "quarantined"]


def test_a_second_readers_outlines_are_found_by_the_pattern_too():
    lesions, out = checked(
        "us_{}.png", "Kontur-{}.png", files={"image": "us_{id}", "outline": "kontur-{id}"}
    )
    assert len(lesions) == ROWS
    assert out.empty
    assert lesions.index[lesions["second_reader"]].tolist() == ["0"]


def test_images_that_the_table_names_are_images_although_the_pattern_of_outlines_fits_them():
    columns = settings().columns.model_dump() | {"image": "picture"}
    lesions, out = checked("us_{}.png", "us_{}.png", columns=columns, files={"outline": "us_{id}"})
    assert len(lesions) == ROWS
    assert out.empty


def test_a_file_that_fits_no_pattern_is_nobodys_and_its_lesion_is_quarantined():
    files = {"image": "us_{id}", "outline": "roi_{id}"}
    with pytest.raises(ValueError, match=r"an outline for each row \(20\)"):
        checked("us_{}.png", "contour_{}.png", files=files)


def test_the_table_and_a_pattern_cannot_both_name_the_files():
    columns = settings().columns.model_dump() | {"image": "picture"}
    with pytest.raises(ValueError, match=r"columns\.image names the files"):
        settings(columns=columns, files={"image": "us_{id}"})
