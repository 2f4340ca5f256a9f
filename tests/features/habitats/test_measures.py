"""What is measured of habitats that are drawn by hand."""

import numpy as np
import pytest
from tests.features.habitats.conftest import SMALL

from spl_kedro.features.habitats import habitat_schema, measure_parts
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.features.radiomics.maps import FeatureMaps


def of(picture, values=None, most=2):
    """Measure a picture of habitats: 0 and 1, -1 in the lesion without one, 9 outside."""
    picture = np.array(picture)
    mask = picture != 9
    n = int(mask.sum())
    values = np.arange(n, dtype=float) if values is None else np.array(values, float)
    maps = FeatureMaps(("original_firstorder_Mean", "original_firstorder_Median"),
                       np.stack([values, -values]), np.zeros(picture.shape), mask, 1)  # fmt: skip
    parameters = SMALL.model_copy(update={"number": most})
    names = habitat_schema(parameters).index
    return dict(zip(names, measure_parts(maps, picture[mask], most), strict=True))


def test_parts_touch_at_corners_and_shares_are_of_the_pixels_with_a_habitat():
    found = of([[0, 9, 1, 1], [9, 0, 1, 9], [1, 9, 9, -1]])
    assert found["habitat1_share"] == pytest.approx(2 / 6)
    assert (found["habitat1_parts"], found["habitat2_parts"]) == (1, 2)
    assert found["habitat2_largest_part"] == 3 / 4
    assert found["habitats_entropy"] == pytest.approx(
        -(1 / 3 * np.log2(1 / 3) + 2 / 3 * np.log2(2 / 3))
    )
    # Pairs side by side: 1-1 and 0-1 in rows, 1-1 in a column.
    assert found["habitats_borders"] == pytest.approx(1 / 3)


def test_means_are_of_a_habitats_own_pixels():
    found = of([[0, 1], [0, 1]], values=[1, 10, 3, 20])
    assert found["habitat1_original_firstorder_Mean"] == 2
    assert found["habitat2_original_firstorder_Median"] == -15


def test_a_habitat_that_a_lesion_lacks_has_share_0_and_no_mean():
    found = of([[0, 0], [0, 0]])
    assert (found["habitat2_share"], found["habitat2_parts"], found["habitats_entropy"]) == (
        0,
        0,
        0,
    )
    assert np.isnan(found["habitat2_largest_part"])
    assert np.isnan(found["habitat2_original_firstorder_Mean"])


def test_settings_that_contradict_each_other_are_refused():
    for wrong, message in (
        ({"order_by": "original_glcm_Idm"}, "not one of `features`"),
        ({"features": ("original_firstorder_Mean",) * 2}, "names a feature twice"),
        ({"candidates": (1, 2)}, "2 to 10"),
    ):
        with pytest.raises(ValueError, match=message):
            HabitatParameters(**wrong)
