import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import kstest

from spl_kedro.modeling.evaluation.bootstrap import resampling_weights
from spl_kedro.modeling.evaluation.unreliability import ici_interval, unreliability_p


def drawn(rng, n=400, stretch=1.0):
    odds = rng.normal(0.4, 1.5, n)
    label = (rng.random(n) < expit(odds)).astype(float)
    return label, expit(stretch * odds)[None]


def test_of_risks_that_are_right_the_p_values_are_uniform():
    rng = np.random.default_rng(1)
    p = [unreliability_p(*drawn(rng)) for _ in range(300)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_overconfident_risks_are_found():
    rng = np.random.default_rng(2)
    assert unreliability_p(*drawn(rng, stretch=3.0)) < 1e-6


def test_lesions_of_a_patient_count_once_in_the_test():
    rng = np.random.default_rng(5)
    p = []
    for _ in range(60):
        label, score = drawn(rng, 150)
        twice = np.tile(label, 2), np.tile(score, 2)
        weights = resampling_weights(twice[0], np.tile(np.arange(150), 2), 200, rng)
        p.append(unreliability_p(*twice, weights))
    # Taken for lesions of their own they would be called wrong in about a fifth of the cohorts.
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5


def test_repeats_that_are_all_the_same_give_what_one_gives():
    label, score = drawn(np.random.default_rng(3), stretch=1.4)
    repeated = unreliability_p(label, np.tile(score, (3, 1)))
    assert repeated == pytest.approx(unreliability_p(label, score), rel=1e-12)


def test_separated_classes_have_no_test():
    label = np.repeat([0.0, 1.0], 10)
    assert np.isnan(unreliability_p(label, expit(logit(0.2 + 0.6 * label))[None]))


def test_the_icis_interval_leaves_zero_out_only_where_the_risks_are_shown_to_be_wrong():
    values = np.append(0.055, np.linspace(0.03, 0.09, 1001))
    low, high = np.quantile(values[1:], [0.025, 0.975])
    assert ici_interval(values, 0.2, 0.95) == (0.0, pytest.approx(high))
    assert ici_interval(values, np.nan, 0.95) == (0.0, pytest.approx(high))
    # Resampling adds 0.005 to the estimate, and the cohort as much to the truth.
    assert ici_interval(values, 0.04, 0.95) == pytest.approx((low - 2 * 0.005, high))
