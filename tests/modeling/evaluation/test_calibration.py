import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import brier_score_loss
from statsmodels.stats.diagnostic_gen import test_chisquare_binning as chisquare_binning

from spl_kedro.modeling.evaluation.calibration import (
    SmoothCalibration,
    brier_score,
    calibration_bins,
    calibration_intercept,
    calibration_slope,
    hosmer_lemeshow,
    log_odds,
    risk_groups,
)
from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.splines import knots_of

from .test_splines import natural_spline_basis

chisquare_binning.__test__ = False


def unit(label):
    return np.ones((1, label.size))


def test_brier_score_equals_sklearns(label_and_score):
    label, score = label_and_score
    assert brier_score(label, score, unit(label))[0] == pytest.approx(
        brier_score_loss(label, score), rel=1e-12
    )


def test_slope_and_intercept_equal_statsmodels(label_and_score):
    label, score = label_and_score
    binomial = sm.families.Binomial()
    slope = sm.GLM(label, sm.add_constant(log_odds(score)), family=binomial).fit().params[1]
    ones = np.ones((label.size, 1))
    large = sm.GLM(label, ones, family=binomial, offset=log_odds(score)).fit().params[0]
    assert calibration_slope(label, score, unit(label))[0] == pytest.approx(slope, rel=1e-7)
    assert calibration_intercept(label, score, unit(label))[0] == pytest.approx(large, rel=1e-7)


def test_smooth_curve_and_ici_equal_a_statsmodels_fit_on_scipys_splines(label_and_score):
    label, score = label_and_score
    basis = natural_spline_basis(log_odds(score), knots_of(log_odds(score)))
    fitted = sm.GLM(label, basis, family=sm.families.Binomial()).fit(tol=1e-12).fittedvalues
    smooth = SmoothCalibration(label, score, unit(label))
    np.testing.assert_allclose(smooth.observed(score)[0], fitted, rtol=1e-6)
    assert smooth.ici()[0] == pytest.approx(np.abs(fitted - score).mean(), rel=1e-6)


def test_a_known_miscalibration_is_recovered_from_many_lesions():
    rng = np.random.default_rng(9)
    truth = 1 / (1 + np.exp(-rng.normal(0.2, 1.2, 40_000)))
    label = (rng.random(truth.size) < truth).astype(float)
    stated = 1 / (1 + np.exp(-(2 * log_odds(truth) + 0.6)))
    weights = unit(label)
    assert calibration_slope(label, stated, weights)[0] == pytest.approx(0.5, abs=0.02)
    assert SmoothCalibration(label, stated, weights).ici()[0] == pytest.approx(
        np.abs(stated - truth).mean(), abs=0.01
    )
    assert calibration_slope(label, truth, weights)[0] == pytest.approx(1, abs=0.04)
    assert calibration_intercept(label, truth, weights)[0] == pytest.approx(0, abs=0.04)
    assert SmoothCalibration(label, truth, weights).ici()[0] < 0.01


def test_hosmer_lemeshow_equals_statsmodels_binned_chi_square():
    rng = np.random.default_rng(6)
    score = rng.uniform(0.05, 0.95, 500)
    label = (rng.random(500) < score**1.3).astype(float)
    ours = hosmer_lemeshow(label, score)
    theirs = chisquare_binning(
        np.column_stack([1 - label, label]),
        np.column_stack([1 - score, score]),
        sort_var=score,
        bins=10,
        df=10,
    )
    assert ours.degrees_of_freedom == 10
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_an_event_where_none_can_be_has_a_p_value_of_zero():
    label = np.array([1.0, 0, 0, 1, 1, 0])
    fit = hosmer_lemeshow(label, np.array([0.0, 0, 0, 1, 1, 0.4]), n_groups=3)
    assert (fit.statistic, fit.p) == (np.inf, 0.0)


def test_risk_groups_keep_tied_scores_together_and_share_lesions_evenly():
    assert np.bincount(risk_groups(np.random.default_rng(1).random(200), 10)).tolist() == [20] * 10
    score = np.array([0.1] * 30 + [0.2] * 5 + [0.9] * 5)
    group = risk_groups(score, 10)
    assert all(len(set(group[score == value])) == 1 for value in (0.1, 0.2, 0.9))


def test_bins_hold_every_lesion_once(label_and_score):
    label, score = label_and_score
    table = calibration_bins(label, score)
    assert table["n"].sum() == label.size
    assert table["events"].sum() == label.sum()
    assert (table["low"] <= table["observed"]).all()
    assert (table["observed"] <= table["high"]).all()


def test_separated_classes_have_no_slope_and_no_curve():
    label = np.array([0.0, 0, 0, 1, 1])
    score = np.array([0.1, 0.2, 0.3, 0.8, 0.9])
    assert np.isnan(calibration_slope(label, score, unit(label))).all()
    assert np.isnan(SmoothCalibration(label, score, unit(label)).ici()).all()
    assert np.isfinite(calibration_intercept(label, score, unit(label))).all()


def test_constant_scores_have_no_slope_and_an_ici_of_the_mean_error():
    label = np.array([0.0, 0, 0, 1])
    score = np.full(4, 0.4)
    assert np.isnan(calibration_slope(label, score, unit(label))).all()
    assert SmoothCalibration(label, score, unit(label)).ici()[0] == pytest.approx(0.15)


def test_scores_beyond_probabilities_are_refused_by_rule():
    with pytest.raises(EvaluationError, match="rule probability"):
        calibration_bins([0, 1], [-0.1, 0.5])
