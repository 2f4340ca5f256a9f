import numpy as np
import pytest
from scipy.stats import chi2, mannwhitneyu
from sklearn.metrics import roc_auc_score

from spl_kedro.modeling.evaluation.checks import ONE_PATIENT, EvaluationError
from spl_kedro.modeling.evaluation.delong import (
    areas_within,
    auc_covariance,
    auc_difference,
    auc_interval,
    auc_within,
    newcombe_interval,
)

# DeLong, DeLong & Clarke-Pearson 1988: 43 of 49 patients with ovarian cancer, complete cases, as
# printed with results in the SAS/STAT User's Guide, The LOGISTIC Procedure, "Comparing Receiver
# Operating Characteristic Curves". Columns: albumin, total protein, K-G score, outcome.
PRINTED = """
    3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0
    1.6 5.6 5 1   3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1
    4.3 7.0 4 1   3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1
    3.0 4.7 8 0   4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1
    3.2 5.1 5 1   2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1
    3.5 6.2 5 1   2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1
    3.6 6.6 5 1
"""
OVARIAN = np.array(PRINTED.split(), dtype=float).reshape(-1, 4)


def tied_scores():
    rng = np.random.default_rng(3)
    label = (rng.random(70) < 0.4).astype(int)
    scores = np.round(label + rng.normal(size=(3, 70)), 1)
    return label, scores


def naive_covariance(label, scores):
    """DeLong's equations written as double sums over pairs, O(n^2)."""
    k = len(scores)
    positive, negative = scores[:, label == 1], scores[:, label == 0]
    m, n = positive.shape[1], negative.shape[1]
    kernel = np.zeros((k, m, n))
    for r in range(k):
        for i in range(m):
            for j in range(n):
                x, y = positive[r, i], negative[r, j]
                kernel[r, i, j] = 1.0 if x > y else 0.5 if x == y else 0.0
    auc = kernel.mean(axis=(1, 2))
    covariance = np.zeros((k, k))
    for r in range(k):
        for s in range(k):
            v10 = sum(
                (kernel[r, i].mean() - auc[r]) * (kernel[s, i].mean() - auc[s]) for i in range(m)
            )
            v01 = sum(
                (kernel[r, :, j].mean() - auc[r]) * (kernel[s, :, j].mean() - auc[s])
                for j in range(n)
            )
            covariance[r, s] = v10 / (m - 1) / m + v01 / (n - 1) / n
    return auc, covariance


def test_auc_and_covariance_equal_the_naive_double_sums_with_ties():
    label, scores = tied_scores()
    auc, covariance = auc_covariance(label, scores)
    expected_auc, expected_covariance = naive_covariance(label, scores)
    np.testing.assert_allclose(auc, expected_auc, rtol=1e-12)
    np.testing.assert_allclose(covariance, expected_covariance, rtol=1e-10)


def test_the_published_ovarian_cancer_example_is_reproduced():
    label = OVARIAN[:, 3]
    scores = np.stack([OVARIAN[:, 0], OVARIAN[:, 1], 10 - OVARIAN[:, 2]])
    auc, covariance = auc_covariance(label, scores)
    np.testing.assert_allclose(auc, [0.7366, 0.6478, 0.7258], atol=5e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), [0.0927, 0.1000, 0.1028], atol=5e-5)
    albumin = auc_difference(auc, covariance, 2, 0)
    protein = auc_difference(auc, covariance, 2, 1)
    np.testing.assert_allclose(albumin[:3], [0.0108, -0.1761, 0.1976], atol=5e-5)
    np.testing.assert_allclose(protein[:3], [-0.0780, -0.2830, 0.1271], atol=5e-5)
    np.testing.assert_allclose([albumin.z**2, albumin.p], [0.0127, 0.9102], atol=5e-5)
    np.testing.assert_allclose([protein.z**2, protein.p], [0.5554, 0.4561], atol=5e-5)
    contrast = np.array([[1, 0, -1], [0, 1, -1]])
    together = contrast @ auc
    statistic = together @ np.linalg.solve(contrast @ covariance @ contrast.T, together)
    np.testing.assert_allclose([statistic, chi2.sf(statistic, 2)], [2.5340, 0.2817], atol=5e-5)


def test_auc_equals_scipys_mann_whitney_and_sklearns_area():
    label, scores = tied_scores()
    auc, _ = auc_covariance(label, scores)
    for value, score in zip(auc, scores, strict=True):
        u = mannwhitneyu(score[label == 1], score[label == 0]).statistic
        assert value == pytest.approx(u / (label == 1).sum() / (label == 0).sum(), rel=1e-12)
        assert value == pytest.approx(roc_auc_score(label, score), rel=1e-12)


def test_the_area_within_strata_is_the_share_of_pairs_of_one_stratum_in_the_right_order():
    label, (score, *_) = tied_scores()
    stratum = np.arange(70) % 4
    first, second = np.nonzero((label[:, None] > label) & (stratum[:, None] == stratum))
    order = np.sign(score[first] - score[second])
    assert auc_within(label, score, stratum) == pytest.approx((order.mean() + 1) / 2, rel=1e-12)
    assert auc_within(label, score, np.zeros(70)) == pytest.approx(roc_auc_score(label, score))


def test_a_scale_of_its_own_for_each_stratum_leaves_the_area_within_strata_as_it_was():
    label, (score, *_) = tied_scores()
    stratum = np.arange(70) % 4
    shifted = score + 10 * stratum
    assert auc_within(label, shifted, stratum) == pytest.approx(auc_within(label, score, stratum))
    assert np.isnan(auc_within(label, score, label))


def test_interval_is_symmetric_on_the_logit_scale_and_stays_below_one():
    label = np.repeat([0, 1], 10)
    score = np.r_[np.arange(10.0), np.arange(9.0, 19.0)]
    fit = auc_interval(label, score)
    assert fit.method == "delong logit"
    assert fit.auc == pytest.approx(0.995)
    half = 1.959963985 * fit.variance**0.5 / (0.995 * 0.005)
    odds = np.log(0.995 / 0.005)
    assert np.log(fit.low / (1 - fit.low)) == pytest.approx(odds - half, rel=1e-9)
    assert np.log(fit.high / (1 - fit.high)) == pytest.approx(odds + half, rel=1e-9)
    assert fit.high < 1


def test_duplicating_every_lesion_of_a_patient_leaves_the_clustered_variance_as_it_was():
    label, scores = tied_scores()
    patient = np.arange(label.size)
    _, single = auc_covariance(label, scores)
    _, twice = auc_covariance(np.tile(label, 2), np.tile(scores, 2), np.tile(patient, 2))
    _, ignored = auc_covariance(np.tile(label, 2), np.tile(scores, 2))
    np.testing.assert_allclose(twice, single, rtol=1e-10)
    assert np.all(np.diag(ignored) < 0.6 * np.diag(single))


def test_clustered_variance_agrees_with_a_bootstrap_of_patients():
    rng = np.random.default_rng(11)
    patients, lesions = 150, 3
    effect = rng.normal(size=patients)
    label = (rng.random((patients, lesions)) < 0.5).astype(int)
    score = label + 1.5 * effect[:, None] + rng.normal(size=(patients, lesions))
    fit = auc_interval(
        label.ravel(), score.ravel(), patient=np.repeat(np.arange(patients), lesions)
    )
    draws = rng.integers(0, patients, (400, patients))
    areas = [roc_auc_score(label[row].ravel(), score[row].ravel()) for row in draws]
    assert fit.method == "obuchowski logit"
    assert fit.variance**0.5 == pytest.approx(np.std(areas), rel=0.15)


def test_an_area_of_one_gets_newcombes_interval_instead_of_a_width_of_zero():
    fit = auc_interval([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9])
    assert (fit.auc, fit.high, fit.method) == (1.0, 1.0, "newcombe")
    assert 0.2 < fit.low < 0.7
    mirrored = auc_interval([0, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.2, 0.1])
    assert mirrored.auc == 0.0
    assert mirrored.high == pytest.approx(1 - fit.low, rel=1e-9)


def test_newcombes_bound_is_the_area_at_which_a_perfect_sample_is_1_96_errors_away():
    # His method 5, inverted here by a grid; the variance is Hanley & McNeil's (Radiology
    # 1982;143:29) with both sample sizes replaced by their mean.
    low, _ = newcombe_interval(1.0, 12, 20, 0.95)
    area = np.linspace(0.5, 0.9999, 200_001)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (area * (1 - area) + 15 * (q1 - area**2) + 15 * (q2 - area**2)) / (12 * 20)
    inside = area[(1 - area) <= 1.959963985 * np.sqrt(spread)]
    assert low == pytest.approx(inside.min(), abs=1e-5)


def test_models_that_rank_alike_do_not_differ():
    label, scores = tied_scores()
    auc, covariance = auc_covariance(label, np.stack([scores[0], 2 * scores[0] + 1]))
    assert auc_difference(auc, covariance, 0, 1) == (0.0, 0.0, 0.0, 0.0, 1.0)


def test_constant_scores_have_an_area_of_one_half():
    assert auc_interval([0, 1, 0, 1], [0.4, 0.4, 0.4, 0.4]).auc == 0.5


def test_a_class_with_one_patient_has_an_area_but_no_interval():
    fit = auc_interval([0, 0, 0, 1], [0.1, 0.5, 0.3, 0.4])
    assert fit.auc == pytest.approx(2 / 3)
    assert np.isnan(fit.low)
    assert fit.method == ONE_PATIENT


def test_one_class_is_refused_by_rule():
    with pytest.raises(EvaluationError, match="two_classes"):
        auc_interval([1, 1, 1], [0.1, 0.2, 0.3])


def test_areas_of_equal_numbers_of_pairs_are_equal_to_the_last_bit():
    # Fault: rounding that chooses among settings which separate the lesions equally well.
    rng = np.random.default_rng(5)
    label, stratum = rng.integers(0, 2, 60), np.repeat([0, 1, 2], [15, 20, 25])
    scores = rng.normal(size=(300, 60)) + label
    areas = areas_within(label, scores, stratum)
    compared = (stratum[:, None] == stratum) & (label[:, None] > label)
    won = [int(((row[:, None] > row) & compared).sum()) for row in scores]
    assert len(set(won)) < 150
    assert len(set(zip(won, areas, strict=True))) == len(set(won))
