import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm
from sklearn import metrics

from spl_kedro.modeling.evaluation.operating_point import (
    Confusion,
    confusion,
    f1_score,
    matthews_correlation,
    predictive_value_intervals,
    predictive_values_at,
    proportions,
    ratio,
    wilson_interval,
)


def test_counts_f1_and_mcc_equal_sklearns_in_every_resample(label_and_score):
    label, score = label_and_score
    weights = np.random.default_rng(1).integers(0, 3, (10, label.size)).astype(float)
    counts = confusion(label, score, 0.5, weights)
    called = score >= 0.5
    for i, row in enumerate(weights):
        tn, fp, fn, tp = metrics.confusion_matrix(label, called, sample_weight=row).ravel()
        assert [part[i] for part in counts] == [tp, fp, fn, tn]
        assert f1_score(counts)[i] == pytest.approx(
            metrics.f1_score(label, called, sample_weight=row)
        )
        assert matthews_correlation(counts)[i] == pytest.approx(
            metrics.matthews_corrcoef(label, called, sample_weight=row)
        )


def test_proportions_equal_sklearns(label_and_score):
    label, score = label_and_score
    called = score >= 0.6
    counts = confusion(label, score, 0.6, np.ones(label.size))
    values = {name: float(ratio(*pair)) for name, pair in proportions(counts).items()}
    assert values == pytest.approx(
        {
            "sensitivity": metrics.recall_score(label, called),
            "specificity": metrics.recall_score(label, called, pos_label=0),
            "accuracy": metrics.accuracy_score(label, called),
            "ppv": metrics.precision_score(label, called),
            "npv": metrics.precision_score(label, called, pos_label=0),
        }
    )


def test_a_share_at_wilsons_bounds_is_z_standard_errors_away():
    successes, trials = np.array([1, 7, 40]), np.array([9, 12, 55])
    for confidence in (0.9, 0.95):
        for bound in wilson_interval(successes, trials, confidence):
            error = np.sqrt(bound * (1 - bound) / trials)
            z = np.abs(successes / trials - bound) / error
            np.testing.assert_allclose(z, norm.ppf((1 + confidence) / 2), rtol=1e-9)


def test_wilsons_bounds_of_none_and_all_are_0_and_1_exactly():
    low, high = wilson_interval([0, 81], [10, 81])
    assert (low[0], high[1]) == (0, 1)


def test_wilson_intervals_of_newcombes_table():
    # Newcombe, Stat Med 1998;17:857, table I, score method without continuity correction.
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for counts, interval in printed.items():
        assert tuple(np.round(wilson_interval(*counts), 4)) == interval


def test_measures_without_lesions_to_count_are_missing_and_not_an_error():
    counts = Confusion(*(np.array(0.0) for _ in range(3)), np.array(5.0))
    assert np.isnan(ratio(*proportions(counts)["sensitivity"]))
    assert np.isnan(f1_score(counts))
    assert matthews_correlation(counts) == 0
    assert np.isnan(wilson_interval(0, 0)).all()


def test_predictive_values_at_the_cohorts_own_prevalence_are_the_observed_ones():
    tp, fp, fn, tn = 40.0, 15.0, 10.0, 60.0
    ppv, npv = predictive_values_at(tp / 50, tn / 75, 50 / 125)
    assert ppv == pytest.approx(tp / (tp + fp))
    assert npv == pytest.approx(tn / (tn + fn))


def test_predictive_value_intervals_agree_with_simulated_binomial_samples():
    counts = Confusion(*(np.array(float(x)) for x in (240, 87, 178, 288)))
    rng = np.random.default_rng(5)
    se = rng.binomial(418, 240 / 418, 400_000) / 418
    sp = rng.binomial(375, 288 / 375, 400_000) / 375
    simulated = predictive_values_at(se, sp, 0.03)
    for bounds, values in zip(predictive_value_intervals(counts, 0.03), simulated, strict=True):
        width = np.diff(logit(bounds))[0]
        assert width / (2 * 1.959963985) == pytest.approx(np.std(logit(values)), rel=0.01)


def test_predictive_value_intervals_stay_defined_at_a_sensitivity_of_one():
    counts = Confusion(*(np.array(float(x)) for x in (20, 5, 0, 30)))
    (_, _), (npv_low, npv_high) = predictive_value_intervals(counts, 0.3)
    assert 0.5 < npv_low < npv_high < 1
