import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation.reclassification import (
    integrated_discrimination,
    net_reclassification,
)

# The HAPIEE SCORE study, Eur Heart J 2020;41:3325, table 2: of 338 deaths and 14,260 others, moved
# across the 5 % threshold up and down, and the net share moved the right way as printed.
PUBLISHED = [
    (17, 46, 399, 2551, -0.086, 0.15),  # original SCORE to HAPIEE SCORE
    (24, 16, 591, 654, 0.024, 0.004),  # recalibrated SCORE to HAPIEE SCORE
]


@pytest.mark.parametrize("moved", PUBLISHED, ids=["original", "recalibrated"])
def test_categorical_nri_of_a_published_reclassification_table(moved):
    events_up, events_down, others_up, others_down, of_events, of_others = moved
    label = np.r_[np.ones(338), np.zeros(14_260)]
    moves = np.r_[
        np.repeat([1, -1, 0], [events_up, events_down, 338 - events_up - events_down]),
        np.repeat([1, -1, 0], [others_up, others_down, 14_260 - others_up - others_down]),
    ]
    old = np.ones(label.size)
    events, non_events = net_reclassification(label, old, old + moves, np.ones(label.size))
    assert events == pytest.approx(of_events, abs=5e-4)
    assert non_events == pytest.approx(of_others, abs=5e-3 if of_others > 0.1 else 5e-4)


def test_idi_is_the_difference_of_tjurs_discrimination_coefficients(label_and_score):
    # Tjur, Am Stat 2009;63:366, by pandas group means.
    label, old = label_and_score
    new = np.sqrt(old) * 0.9
    means = pd.DataFrame({"old": old, "new": new}).groupby(label).mean()
    tjur = means.loc[1] - means.loc[0]
    ours = integrated_discrimination(label, old, new, np.ones(label.size))
    assert ours == pytest.approx(tjur["new"] - tjur["old"], rel=1e-12)


def test_category_free_nri_counts_every_change_of_probability():
    label = np.array([1.0, 1, 1, 0, 0])
    old = np.array([0.5, 0.5, 0.5, 0.5, 0.5])
    new = np.array([0.6, 0.7, 0.4, 0.4, 0.5])
    up, down = net_reclassification(label, old, new, np.ones(5))
    assert up == pytest.approx(1 / 3)
    assert down == pytest.approx(1 / 2)


def test_a_resample_equals_the_repeated_lesions(label_and_score):
    label, old = label_and_score
    new = np.roll(old, 7)
    weights = np.random.default_rng(2).integers(0, 3, (1, label.size)).astype(float)
    times = weights[0].astype(int)
    again = [np.repeat(values, times) for values in (label, old, new)]
    ones = np.ones((1, times.sum()))
    np.testing.assert_allclose(
        net_reclassification(label, old, new, weights), net_reclassification(*again, ones)
    )
    np.testing.assert_allclose(
        integrated_discrimination(label, old, new, weights),
        integrated_discrimination(*again, ones),
    )
