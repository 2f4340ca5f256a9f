"""A row of the table for each patient, several images of each, on the path of the node."""

import pandas as pd
from tests.cohort.test_cohort import settings
from tests.cohort.test_pseudonyms import image, outline

from spl_kedro.pipelines.data_processing.nodes import check_cohort, split_cohort

PATIENTS = 20


def test_each_image_of_a_row_is_a_lesion_of_its_patient_who_stays_in_one_cohort():
    names = [f"{who}_{view}.png" for who in range(PATIENTS) for view in ("a", "b")]
    table = pd.DataFrame(
        {
            "case": [f"{who}" for who in range(PATIENTS)],
            "centre": "a",
            "result": ["benign", "malignant"] * (PATIENTS // 2),
            "pixel_cm": "0.01",
            "Age": [str(30 + who) for who in range(PATIENTS)],
            "Sex": "F",
        }
    )
    columns = settings().columns.model_dump() | {"patient_id": None}
    own = settings(excluded=[], split={"seed": 1}, columns=columns, files={"several_images": True})
    readers = dict(enumerate(names))
    found = check_cohort(
        table,
        {name: image(number) for number, name in readers.items() if name != "3_b.png"},
        {name: outline(number) for number, name in readers.items() if name != "5_a.png"},
        {},
        own,
    )
    usable, findings = found[0].drop(columns="second_reader"), found[3]
    assert len(usable) == 2 * PATIENTS - 2
    assert usable.loc["7_b", ["patient_id", "age", "label"]].tolist() == ["7", 37, 1]
    # An image without outline is told of by its own name; its patient stays with the other.
    out = findings[findings["action"] == "quarantined"]
    assert out["lesion_id"].tolist() == ["5_a"]
    assert usable.loc["5_b", "patient_id"] == "5"
    cohort = split_cohort(usable, own)
    assert (cohort.groupby("patient_id")["cohort"].nunique() == 1).all()
    assert cohort["patient_id"].nunique() == PATIENTS
