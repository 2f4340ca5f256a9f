import numpy as np
import pandas as pd
import pytest

from spl_kedro.evaluation.reclassification import integrated_discrimination, net_reclassification


def test_categorical_nri_of_the_framingham_example():
    # Pencina et al. 2008, table II, HDL added: of 183 events 29 moved up and 7 down, of 3081
    # non-events 173 moved up and 174 down; the paper gives an NRI of 0.121.
    label = np.r_[np.ones(183), np.zeros(3081)]
    moves = np.r_[
        np.repeat([1, -1, 0], [29, 7, 147]), np.repeat([1, -1, 0], [173, 174, 3081 - 347])
    ]
    old = np.ones(label.size)
    events, non_events = net_reclassification(label, old, old + moves, np.ones(label.size))
    assert events == pytest.approx(22 / 183)
    assert non_events == pytest.approx(1 / 3081)
    assert round(float(events + non_events), 3) == 0.121


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
