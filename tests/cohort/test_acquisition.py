"""How images were made, as a table without dates."""

from datetime import date

import numpy as np
import pandas as pd

from spl_kedro.cohort.acquisition import Taking, acquisition_table
from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.schemas import Acquisition as Schema

FIRST, LATER = date(2024, 1, 31), date(2024, 3, 1)
IMAGES = {
    "B": Taking(Acquisition("DICOM", 12, 1, "ACME US9", LATER, LATER), (432, 576)),
    "A": Taking(Acquisition("PNG", 8, 3, None, FIRST, FIRST), (400, 512)),
    "C": Taking(None, (10, 20)),
}


def test_days_stand_in_the_place_of_dates():
    table = acquisition_table(IMAGES, simulated=False)
    Schema.validate(table)
    assert table["days_taken"].tolist()[:2] == [0, 30]
    assert table["days_written"].tolist()[:2] == [0, 30]
    assert "2024" not in table.to_csv()


def test_files_of_simulated_patients_have_no_date_of_their_own():
    # Fault: tables that differ from run to run.
    table = acquisition_table(IMAGES, simulated=True)
    assert table["days_written"].isna().all()
    assert table["days_taken"].tolist()[:2] == [0, 30]


def test_an_image_that_says_nothing_has_its_size_alone():
    row = acquisition_table(IMAGES, simulated=False).loc["C"]
    assert (row["height"], row["width"]) == (10, 20)
    assert row.drop(["height", "width"]).isna().all()


def test_a_cohort_whose_files_state_no_date_has_none():
    table = acquisition_table({"C": IMAGES["C"]}, simulated=False)
    Schema.validate(table)
    assert np.isnan(table["days_taken"].iloc[0])
    assert isinstance(table.index, pd.Index)
    assert table.index.name == "lesion_id"
