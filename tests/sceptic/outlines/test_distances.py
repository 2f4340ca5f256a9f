"""The error of an outline is its mean distance from the original, and the overlap."""

import numpy as np
import pytest
from tests.sceptic.outlines.test_changes import disc, lesion_of

from spl_kedro.sceptic.outlines.changes import Change, ChangedLesion
from spl_kedro.sceptic.outlines.distances import dice, mean_surface_distance, outline_table


def test_an_outline_is_at_no_distance_from_itself():
    assert mean_surface_distance(disc(9), disc(9), (0.3, 0.4)) == 0.0
    assert dice(disc(9), disc(9)) == 1.0


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 0.3)])
def test_discs_about_one_centre_are_as_far_apart_as_their_radii_differ(spacing):
    near, far = disc(8, spacing), disc(11, spacing)
    assert mean_surface_distance(near, far, spacing) == pytest.approx(3, abs=0.3)
    assert mean_surface_distance(far, near, spacing) == mean_surface_distance(near, far, spacing)
    assert dice(near, far) == pytest.approx(2 * 64 / (64 + 121), rel=0.02)


def test_a_square_moved_beside_itself_by_hand():
    # Two columns of three pixels; moved by one column they share one, and edges lie 0 or 1 apart.
    first, second = np.zeros((5, 6), dtype=bool), np.zeros((5, 6), dtype=bool)
    first[1:4, 1:3], second[1:4, 2:4] = True, True
    assert mean_surface_distance(first, second, (1.0, 2.0)) == pytest.approx((3 * 2 + 3 * 2) / 12)
    assert dice(first, second) == 0.5


def test_an_outline_at_the_border_of_the_image_counts():
    first, second = np.zeros((4, 4), dtype=bool), np.zeros((4, 4), dtype=bool)
    first[0], second[3] = True, True
    assert mean_surface_distance(first, second, (1.0, 1.0)) == 3.0


def test_the_table_has_a_row_for_each_outline_that_a_lesion_has():
    lesion = lesion_of(disc(12))
    eroded, gone = Change("eroded", 1.0, "mm"), Change("eroded", 50.0, "mm")
    readers = {
        change: {"SPL0001": ChangedLesion(lambda: lesion, "SPL0001", change, 1)}
        for change in (eroded, gone)
    }
    readers[Change("second reader", float("nan"), "mm")] = {}
    table = outline_table({"SPL0001": lambda: lesion}, readers)
    assert table["kind"].tolist() == ["eroded", "eroded"]
    assert table["distance"].iloc[0] == pytest.approx(1.0, abs=0.15)
    assert table["area"].iloc[0] == pytest.approx((5 / 6) ** 2, rel=0.06)
    assert np.isnan(table["distance"].iloc[1])
    assert table[["dice", "area"]].iloc[1].tolist() == [0.0, 0.0]


def test_of_shares_of_the_diameter_the_distance_is_one_too():
    lesion = lesion_of(disc(20), None)
    change = Change("dilated", 0.1, "diameter")
    read = ChangedLesion(lambda: lesion, "SPL0001", change, 1)
    table = outline_table({"SPL0001": lambda: lesion}, {change: {"SPL0001": read}})
    assert table["distance"].iloc[0] == pytest.approx(0.1, abs=0.01)
