import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import kstest

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


def test_repeats_that_are_all_the_same_give_what_one_gives():
    label, score = drawn(np.random.default_rng(3), stretch=1.4)
    repeated = unreliability_p(label, np.tile(score, (3, 1)))
    assert repeated == pytest.approx(unreliability_p(label, score), rel=1e-12)


def test_separated_classes_have_no_test():
    label = np.repeat([0.0, 1.0], 10)
    assert np.isnan(unreliability_p(label, expit(logit(0.2 + 0.6 * label))[None]))


def test_the_icis_interval_leaves_zero_out_only_where_the_risks_are_shown_to_be_wrong():
    assert ici_interval(0.03, 0.09, 0.2, 0.95) == (0.0, 0.09)
    assert ici_interval(0.03, 0.09, 0.04, 0.95) == (0.03, 0.09)
    assert ici_interval(0.03, 0.09, np.nan, 0.95) == (0.0, 0.09)
