import pandas as pd
import pytest
from pydantic import ValidationError

from spl_kedro.cohort.name_patterns import FilePatterns
from spl_kedro.cohort.sealed import open_rows
from spl_kedro.cohort.several_images import PATIENT, one_row_per_image
from spl_kedro.cohort.table import tidy_table

from .test_cohort import settings

COLUMNS = {"lesion_id": "id", "label": "diagnosis"}
TABLE = pd.DataFrame(
    {
        "id": ["7", "8", "9", None],
        "diagnosis": ["benign", "malignant", "benign", "benign"],
        "files": ["a.png; b.png", "c.png", None, None],
        "outlines": ["a_m.png;b_m.png", "c_1.png;c_2.png", None, None],
    }
)


def several(columns=COLUMNS, **files):
    return settings(
        columns=dict(columns), clinical=[], excluded=[], files={"several_images": True, **files}
    )


def expanded(images, chosen):
    rows, chosen = one_row_per_image(TABLE, images, chosen)
    return rows, chosen


def test_nothing_is_done_unless_it_is_asked_for():
    chosen = settings(columns=dict(COLUMNS), clinical=[], excluded=[])
    rows, own = one_row_per_image(TABLE, ["7_1.png", "7_2.png"], chosen)
    assert rows is TABLE
    assert own is chosen


def test_images_named_as_a_row_are_lesions_of_one_patient_with_the_rows_diagnosis():
    rows, chosen = expanded(["7_b.png", "7_a.png", "8.png", "other.png"], several())
    assert rows["id"].iloc[:4].tolist() == ["7_a", "7_b", "8", "9"]
    tidy, broken = tidy_table(rows, chosen)
    assert tidy["patient_id"].to_dict() == {"7_a": "7", "7_b": "7", "8": "8", "9": "9"}
    assert tidy["label"].to_dict() == {"7_a": 0, "7_b": 0, "8": 1, "9": 0}
    # The row without an identifier is told of, not lost.
    assert len(broken.table()) == 1


def test_a_patient_that_the_table_names_stays():
    table = TABLE.assign(patient=["A", "A", "B", "B"])
    chosen = several({**COLUMNS, "patient_id": "patient"})
    rows, _ = one_row_per_image(table, ["7_1.png", "7_2.png", "8_1.png"], chosen)
    assert PATIENT not in rows
    assert rows["patient"].tolist() == ["A", "A", "A", "B", "B"]


def test_outlines_in_the_same_folder_are_no_images():
    files = ["7_1.png", "7_1_mask.png", "7_2.png", "7_2_mask.png"]
    rows, _ = expanded(files, several(outline="{id}_mask"))
    assert rows["id"].iloc[:3].tolist() == ["7_1", "7_2", "8"]


def test_files_that_the_table_names_keep_the_outline_at_their_place():
    columns = {**COLUMNS, "image": "files", "masks": "outlines"}
    rows, chosen = expanded(["a.png", "b.png", "c.png"], several(columns))
    tidy, _ = tidy_table(rows, chosen)
    named = tidy.loc[tidy.index != "9", ["patient_id", "image", "masks"]]
    assert named.to_dict("index") == {
        "7_1": {"patient_id": "7", "image": "a.png", "masks": "a_m.png"},
        "7_2": {"patient_id": "7", "image": "b.png", "masks": "b_m.png"},
        # One image with an outline in two parts is as it was.
        "8": {"patient_id": "8", "image": "c.png", "masks": "c_1.png;c_2.png"},
    }


@pytest.mark.parametrize("by_name", [True, False])
def test_sealed_images_get_the_diagnosis_of_their_patients_row(by_name):
    # Fault: the raw table has no row of an image, so that every sealed lesion would be lost.
    table = TABLE.dropna(subset="id").assign(files=["a.png;b.png", "c.png;d.png", "e.png"])
    columns = COLUMNS if by_name else {**COLUMNS, "image": "files"}
    chosen = several(columns)
    ids = ["7_1", "7_2", "8_1", "8_2", "9"]
    divided = pd.DataFrame(
        {
            "patient_id": ["7", "7", "8", "8", "9"],
            "label": pd.array([0, 0, None, None, None], dtype="Int64"),
            "cohort": ["training", "training", "validation", "validation", "external"],
        },
        index=pd.Index(ids, name="lesion_id"),
    )
    cohort, findings = open_rows(divided, table, chosen)
    assert cohort["label"].to_dict() == {"7_1": 0, "7_2": 0, "8_1": 1, "8_2": 1, "9": 0}
    assert findings.empty


def test_images_found_by_name_have_no_pseudonyms():
    with pytest.raises(ValidationError, match="have to be named in the table"):
        settings(
            columns=dict(COLUMNS), clinical=[], excluded=[], pseudonyms="A_KEY",
            files={"several_images": True},
        )  # fmt: skip


def test_what_cannot_tell_which_outline_is_whose_is_refused():
    with pytest.raises(ValidationError, match="no column names the images they belong to"):
        several({**COLUMNS, "masks": "outlines"})
    with pytest.raises(ValidationError, match="names one image for each lesion"):
        FilePatterns(image="us_{id}", several_images=True)
