"""Outlines are changed by the amount that is stated."""

import logging

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from spl_kedro.imaging import Lesion
from spl_kedro.sceptic.outlines.changes import (
    Change,
    ChangedLesion,
    changed_outline,
    decide_changes,
)
from spl_kedro.sceptic.outlines.settings import KINDS, OutlineSettings

RNG = np.random.default_rng(3)


def disc(radius: float, spacing=(1.0, 1.0), side: int = 121, at=(60, 60)) -> np.ndarray:
    """Return a disc of a radius in the unit of the spacing."""
    down, across = np.mgrid[:side, :side]
    down, across = (down - at[0]) * spacing[0], (across - at[1]) * spacing[1]
    return down**2 + across**2 <= radius**2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [(60, 60), (3, 118)])
def test_a_change_by_nothing_changes_nothing(kind, at):
    mask = disc(9, at=at)
    changed = changed_outline(mask, kind, 0.0, (0.4, 0.3), RNG)
    np.testing.assert_array_equal(changed, mask)
    assert changed is not mask


@pytest.mark.parametrize(("kind", "sign"), [("eroded", -1), ("dilated", 1)])
@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 0.5), (0.5, 0.3)])
def test_a_disc_eroded_or_dilated_is_a_disc_of_another_radius(kind, sign, spacing):
    # Fault: a step in pixels, or in the height of pixels alone; a first step that does nothing.
    pixel = spacing[0] * spacing[1]
    for length in (0.6, 1.0, 2.5):
        changed = changed_outline(disc(11, spacing), kind, length, spacing, RNG)
        radius = np.sqrt(changed.sum() * pixel / np.pi)
        assert radius == pytest.approx(11 + sign * length, abs=0.5 * max(spacing))


@pytest.mark.parametrize("kind", ["eroded", "dilated"])
def test_one_pixel_takes_or_adds_one_layer(kind):
    mask = np.zeros((20, 20), dtype=bool)
    mask[5:15, 6:16] = True
    changed = changed_outline(mask, kind, 1.0, (1.0, 1.0), RNG)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    step = 1 if kind == "eroded" else -1
    assert (rows[0], rows[-1]) == (5 + step, 14 - step)
    assert (columns[0], columns[-1]) == (6 + step, 15 - step)


def lesion_of(mask: np.ndarray, spacing=(0.5, 0.5)) -> Lesion:
    return Lesion("SPL0001", np.zeros(mask.shape), mask, spacing)


def test_a_shift_has_the_stated_length_and_one_direction_for_every_size():
    lesion = lesion_of(disc(12))
    middle = np.argwhere(lesion.mask).mean(axis=0)
    moves = {}
    for size in (2.0, 4.0):
        read = ChangedLesion(lambda: lesion, "SPL0001", Change("shifted", size, "mm"), 5)
        moves[size] = (np.argwhere(read().mask).mean(axis=0) - middle) * 0.5
        # Half a pixel on either axis.
        assert np.hypot(*moves[size]) == pytest.approx(size, abs=0.36)
    np.testing.assert_allclose(moves[4.0] / 2, moves[2.0], atol=0.4)
    other = ChangedLesion(lambda: lesion, "SPL0002", Change("shifted", 2.0, "mm"), 5)
    away = (np.argwhere(other().mask).mean(axis=0) - middle) * 0.5
    assert np.hypot(*(away - moves[2.0])) > 0.75


def test_smoothing_cuts_a_spike_off_and_leaves_the_disc():
    mask = disc(25)
    spiked = mask.copy()
    spiked[59:61, 85:100] = True
    changed = changed_outline(spiked, "smoothed", 3.0, (1.0, 1.0), RNG)
    assert not changed[59:61, 90:].any()
    assert (changed ^ mask).sum() < 0.05 * mask.sum()


def test_a_lesion_that_is_eroded_away_is_empty_and_one_that_fills_the_image_stays():
    assert not changed_outline(disc(3), "eroded", 5.0, (1.0, 1.0), RNG).any()
    whole = np.ones((12, 12), dtype=bool)
    assert changed_outline(whole, "eroded", 5.0, (1.0, 1.0), RNG).all()


def cohort_of(*spacings: float, cohorts=("training", "training", "validation")) -> pd.DataFrame:
    frame = {"cohort": list(cohorts), "spacing_row_mm": spacings, "spacing_col_mm": spacings}
    return pd.DataFrame(frame, index=[f"SPL{i}" for i in range(len(cohorts))])


def test_sizes_are_in_millimetres_where_every_training_lesion_has_a_pixel_size(caplog):
    settings = OutlineSettings(kinds=("eroded",), sizes_mm=(1.0,), sizes_diameter=(0.1,))
    known = decide_changes(cohort_of(0.1, 0.2, np.nan), settings)
    assert known == [Change("original", 0.0, "mm"), Change("eroded", 1.0, "mm")]
    with caplog.at_level(logging.WARNING):
        unknown = decide_changes(cohort_of(0.1, np.nan, 0.2), settings)
    assert unknown[1] == Change("eroded", 0.1, "diameter")
    assert "The pixel size of 1 training lesions is unknown" in caplog.text


def test_a_share_of_the_diameter_is_that_of_the_lesion_whatever_its_pixels():
    change = Change("eroded", 0.1, "diameter")
    for spacing in ((1.0, 1.0), (0.5, 0.5)):
        assert change.length(disc(20), spacing) == pytest.approx(4.0 * spacing[0], rel=0.01)
    unknown = ChangedLesion(lambda: lesion_of(disc(20), None), "SPL0001", change, 1)()
    assert np.sqrt(unknown.mask.sum() / np.pi) == pytest.approx(16, abs=0.5)


@pytest.mark.parametrize("sizes", [(), (0.0, 1.0), (2.0, 1.0), (1.0, 1.0)])
def test_sizes_that_do_not_ascend_from_above_nothing_are_refused(sizes):
    with pytest.raises(ValidationError, match="sizes_mm"):
        OutlineSettings(sizes_mm=sizes)
