"""Overlap and distances of outlines, and their means over patients."""

import numpy as np
import pandas as pd
import pytest
from tests.segmentation.conftest import SMALL

from spl_kedro.segmentation import agreement, agreement_summary
from spl_kedro.segmentation.summary import DIFFERENCE, _medians


def square(top, left, side=10):
    mask = np.zeros((40, 40), dtype=bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_equal_outlines_agree_wholly():
    assert agreement(square(5, 5), square(5, 5)) == (1, 0, 0)


def test_a_shifted_square_has_the_numbers_worked_out_by_hand():
    # 10 x 10 pixels moved by 4: overlap 60 of 100; its far edge lies 4 pixels off.
    found = agreement(square(5, 9), square(5, 5))
    assert found.dice == pytest.approx(0.6)
    assert found.hausdorff_95 == pytest.approx(4)
    assert agreement(square(5, 9), square(5, 5), (0.5, 0.5)).hausdorff_95 == pytest.approx(2)
    # A pixel twice as wide as it is high counts so.
    assert agreement(square(5, 9), square(5, 5), (1, 2)).hausdorff_95 == pytest.approx(8)


def test_the_mean_distance_is_that_over_both_edges():
    # Two squares one above the other: the edges of both, by hand.
    a, b = square(5, 5), square(15, 5)
    frame = [(r, c) for r in range(10) for c in range(10) if r in (0, 9) or c in (0, 9)]
    upper = np.array([(5 + r, 5 + c) for r, c in frame])
    lower = upper + np.array([10, 0])
    distances = [np.hypot(*(lower - place).T).min() for place in upper]
    distances += [np.hypot(*(upper - place).T).min() for place in lower]
    assert agreement(a, b).mean_distance == pytest.approx(np.mean(distances))


def scores(dice, failed=()):
    return pd.DataFrame(
        {
            "lesion_id": [f"L{k}" for k in range(len(dice))],
            "patient_id": [f"P{k // 2}" for k in range(len(dice))],
            "label": [k // 2 % 2 for k in range(len(dice))],
            "cohort": "training",
            "prompt": "box",
            "method": "network",
            "outlined": [k not in failed for k in range(len(dice))],
            "dice": [0.0 if k in failed else d for k, d in enumerate(dice)],
            "mean_distance": [np.nan if k in failed else 1.0 for k in range(len(dice))],
            "hausdorff_95": [np.nan if k in failed else 2.0 for k in range(len(dice))],
            "unit": "mm",
        }
    )


def test_a_lesion_without_an_outline_counts_as_nothing_in_dice_and_not_at_all_in_distance():
    summary = agreement_summary(scores([0.8] * 8, failed=[0]), SMALL).set_index("measure")
    assert summary.loc["dice", "mean"] == pytest.approx(0.7)
    assert summary.loc["dice", "failed"] == 1
    assert summary.loc["mean_distance", "mean"] == pytest.approx(1)
    assert summary.loc["mean_distance", "unit"] == "mm"


def test_intervals_draw_patients_and_not_lesions():
    # Both lesions of a patient have one value: as many values as patients, hence wider.
    by_patient = scores(np.repeat(np.linspace(0, 1, 20), 2))
    alone = by_patient.assign(patient_id=by_patient["lesion_id"])
    widths = []
    for table in (by_patient, alone):
        row = agreement_summary(table, SMALL).set_index("measure").loc["dice"]
        assert row["mean_low"] < row["mean"] < row["mean_high"]
        widths.append(row["mean_high"] - row["mean_low"])
    assert widths[0] > 1.1 * widths[1]


def test_medians_of_resamples_are_those_of_the_repeated_values():
    values = np.array([3.0, 1.0, 2.0, 10.0])
    weights = np.array([[1, 1, 1, 1], [2, 0, 1, 2], [0, 0, 0, 4], [1, 2, 0, 0]])
    wanted = [np.median(np.repeat(values, own)) for own in weights]
    assert _medians(values, weights).tolist() == wanted


def test_the_two_ways_are_compared_on_the_same_lesions():
    network, classical = scores([0.9] * 8), scores(np.linspace(0.1, 0.8, 8))
    both = pd.concat([network, classical.assign(method="classical")[::-1]])
    row = agreement_summary(both, SMALL).set_index("method").loc[DIFFERENCE]
    assert row["mean"] == pytest.approx(0.45)
    assert row["measure"] == "dice"
