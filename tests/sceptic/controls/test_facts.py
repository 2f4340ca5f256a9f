"""What the simple controls look at."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.cohort.acquisition import acquisition_facts
from spl_kedro.imaging import Lesion
from spl_kedro.sceptic.controls.facts import lesion_sizes

NAMES = [f"L{i:02d}" for i in range(20)]


@pytest.fixture
def inputs():
    """Twenty lesions of 1 to 20 pixels, half a millimetre each, from one machine."""
    index = pd.Index(NAMES, name="lesion_id")
    lesions = {}
    for i, name in enumerate(NAMES):
        mask = np.zeros((6, 6), dtype=bool)
        mask.flat[: i + 1] = True
        lesions[name] = lambda name=name, mask=mask: Lesion(name, mask * 9.0, mask)
    facts = {
        "file_format": "PNG", "bits": 8.0, "channels": 1.0, "scanner": None, "height": 6,
        "width": 6, "days_taken": np.nan, "days_written": np.nan,
    }  # fmt: skip
    return SimpleNamespace(
        training=index,
        lesions=lesions,
        cohort=pd.DataFrame(
            {"site": "A", "spacing_row_mm": 0.5, "spacing_col_mm": 0.5}, index=index
        ),
        acquisition=pd.DataFrame(facts, index=index),
    )


def facts_of(inputs):
    return acquisition_facts(inputs.cohort.loc[inputs.training], inputs.acquisition)


def test_size_is_an_area_in_square_millimetres(inputs):
    sizes, unit = lesion_sizes(inputs)
    assert unit == "mm²"
    np.testing.assert_allclose(np.exp(sizes), np.arange(1, 21) * 0.25)


def test_size_is_in_pixels_as_soon_as_one_pixel_size_is_unknown(inputs):
    inputs.cohort.loc["L03", "spacing_row_mm"] = np.nan
    sizes, unit = lesion_sizes(inputs)
    assert unit == "pixels"
    np.testing.assert_allclose(np.exp(sizes), np.arange(1, 21))


def test_facts_that_all_images_share_say_nothing(inputs):
    assert facts_of(inputs).empty


def test_facts_that_differ_are_categories_and_the_unknown_is_one(inputs):
    inputs.acquisition.loc["L00", "scanner"] = "ACME US 9"
    inputs.acquisition.loc["L01", "width"] = 8
    inputs.cohort.loc["L02":, "site"] = "B"
    facts = facts_of(inputs)
    assert set(facts.columns) == {"scanner", "width", "image_size", "site"}
    assert facts["scanner"].value_counts().to_dict() == {"unknown": 19, "ACME US 9": 1}
    assert facts.loc["L01", "image_size"] == "6 x 8"


def test_numbers_of_many_values_are_cut_at_their_fifths(inputs):
    # Fault: a relation that turns round, such as exports in turns, goes unseen.
    inputs.acquisition["days_taken"] = np.arange(20.0)
    inputs.acquisition.loc["L19", "days_taken"] = np.nan
    counts = facts_of(inputs)["days_taken"].value_counts()
    assert set(counts.index) == {*(f"fifth {i}" for i in range(5)), "unknown"}
    assert counts.drop("unknown").between(3, 4).all()
