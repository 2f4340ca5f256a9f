"""Against printed results of the Van Dyke study, a second analysis, and readers of known truth."""

import numpy as np
import pytest
from scipy.stats import t as student

from spl_kedro.modeling.evaluation.mrmc import (
    compare_modalities,
    estimate,
    mean_accuracy,
    variance_components,
)
from spl_kedro.modeling.evaluation.reader_accuracy import reader_areas
from spl_kedro.simulation import RoeMetz, roe_metz_scores

# Van Dyke et al. 1993: 114 cases, 5 readers, spin-echo and cine MRI of aortic dissection. As
# printed by OR-DBM MRMC 2.51 of Hillis and colleagues (trapezoidal AUC, jackknife covariances).
AUC = np.array(
    [
        [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
        [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
    ]
)
ERROR, COV1, COV2, COV3 = 0.00080229, 0.00034661, 0.00034407, 0.00023903
ERROR_BY_MODALITY = (0.00101410, 0.00059047)
COV2_BY_MODALITY = (0.00048396, 0.00020419)


@pytest.fixture(scope="module")
def printed_covariance():
    """A covariance whose means are the printed ones."""
    covariance = np.full((2, 5, 2, 5), COV3)
    for i in range(2):
        covariance[i, :, i, :] = COV2_BY_MODALITY[i]
        for j in range(5):
            covariance[i, j, i, j] = ERROR_BY_MODALITY[i]
            covariance[i, j, 1 - i, j] = COV1
    return covariance


def test_the_variance_components_of_van_dyke_are_those_printed(printed_covariance):
    found = variance_components(AUC, printed_covariance)
    printed = (0.00153500, 0.00020040, ERROR, COV1, COV2, COV3)
    assert found == pytest.approx(printed, abs=1.5e-8)


def test_random_readers_of_van_dyke_give_the_printed_difference_test_and_interval(
    printed_covariance,
):
    found = compare_modalities(AUC, printed_covariance)
    assert found.value == pytest.approx(0.04380032, abs=1e-8)
    assert found.standard_error == pytest.approx(0.02075, abs=5e-6)
    assert found.df == pytest.approx(15.26, abs=5e-3)
    assert found.statistic**2 == pytest.approx(4.456, abs=5e-4)
    assert found.p == pytest.approx(0.05167, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((-0.0003589, 0.0879595), abs=1e-6)


def test_fixed_readers_of_van_dyke_give_the_printed_difference_test_and_interval(
    printed_covariance,
):
    found = compare_modalities(AUC, printed_covariance, fixed_readers=True)
    assert found.standard_error == pytest.approx(0.01872, abs=5e-6)
    assert found.statistic**2 == pytest.approx(5.47595, abs=2e-4)
    assert found.p == pytest.approx(0.0193, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.00711, 0.08049), abs=1e-5)


@pytest.mark.parametrize(
    ("modality", "fixed", "error", "df", "interval"),
    [
        (0, False, 0.03317360, 12.74, (0.82522360, 0.96885048)),
        (1, False, 0.02156637, 12.71, (0.89413783, 0.98753689)),
        (0, True, 0.02428971, np.inf, (0.84943008, 0.94464399)),
        (1, True, 0.01677632, np.inf, (0.90795637, 0.97371835)),
    ],
)
def test_the_mean_auc_of_each_modality_of_van_dyke_has_the_printed_interval(
    printed_covariance, modality, fixed, error, df, interval
):
    own = printed_covariance[modality, :, modality]
    found = mean_accuracy(AUC[modality], own, fixed_readers=fixed)
    assert found.standard_error == pytest.approx(error, abs=1e-6)
    assert found.df == pytest.approx(df, abs=5e-3)
    assert (found.low, found.high) == pytest.approx(interval, abs=3e-6)


def areas_without(label, scores):
    """AUCs by pairs, and those without each case in turn."""

    def areas(labels, values):
        first, second = values[..., labels == 1], values[..., labels == 0]
        won = first[..., :, None] > second[..., None, :]
        tied = first[..., :, None] == second[..., None, :]
        return (won + tied / 2).mean(axis=(-2, -1))

    everything = range(len(label))
    left = [np.delete(np.arange(len(label)), case) for case in everything]
    return areas(label, scores), np.stack([areas(label[k], scores[..., k]) for k in left], axis=-1)


def test_with_a_jackknife_covariance_it_is_the_analysis_of_dorfman_berbaum_and_metz():
    # DBM: an analysis of variance of the jackknife's pseudovalues, modality x reader x case.
    rng = np.random.default_rng(4)
    label = np.arange(40) % 2
    scores = roe_metz_scores(label, (0.75, 0.85), 4, RoeMetz(), rng).round(1)
    auc, without = areas_without(label, scores)
    n = label.size
    jackknife = (
        (n - 1)
        / n
        * np.einsum(
            "ijk,lmk->ijlm",
            without - without.mean(axis=-1, keepdims=True),
            without - without.mean(axis=-1, keepdims=True),
        )
    )
    y = n * auc[..., None] - (n - 1) * without
    t, r = auc.shape

    def effect(*axes):
        """Mean over all other axes, less the effects within it."""
        rest = tuple(axis for axis in range(3) if axis not in axes)
        return y.mean(axis=rest, keepdims=True)

    modality_reader = effect(0, 1) - effect(0) - effect(1) + y.mean()
    modality_case = effect(0, 2) - effect(0) - effect(2) + y.mean()
    triple = (
        y - effect(0, 1) - effect(0, 2) - effect(1, 2)
        + effect(0) + effect(1) + effect(2) - y.mean()
    )  # fmt: skip
    ms_t = n * r * ((effect(0) - y.mean()) ** 2).sum() / (t - 1)
    ms_tr = n * (modality_reader**2).sum() / ((t - 1) * (r - 1))
    ms_tc = r * (modality_case**2).sum() / ((t - 1) * (n - 1))
    ms_trc = (triple**2).sum() / ((t - 1) * (r - 1) * (n - 1))
    denominator = ms_tr + max(ms_tc - ms_trc, 0)
    df = denominator**2 / (ms_tr**2 / ((t - 1) * (r - 1)))

    mean = y.mean(axis=-1)  # the jackknife's AUC is the AUC itself
    assert mean == pytest.approx(auc)
    found = compare_modalities(auc, jackknife)
    assert found.statistic**2 == pytest.approx(ms_t / denominator)
    assert found.df == pytest.approx(df)
    assert found.p == pytest.approx(2 * student.sf((ms_t / denominator) ** 0.5, df))


def test_areas_and_covariance_are_those_of_each_reader_and_modality_by_themselves():
    rng = np.random.default_rng(5)
    label = np.arange(60) % 2
    scores = roe_metz_scores(label, (0.75, 0.85), 3, RoeMetz(), rng)
    patient = np.arange(60) // 3
    auc, covariance = reader_areas(label, scores, patient)
    alone, own = reader_areas(label, scores[1:, 2:], patient)
    assert auc[1, 2] == pytest.approx(alone[0, 0])
    assert covariance[1, 2, 1, 2] == pytest.approx(own[0, 0, 0, 0])
    assert covariance == pytest.approx(covariance.transpose(2, 3, 0, 1))


def analyses(draws, areas, readers, label, seed, *, fixed=False, patient=None):
    """The estimates of many simulated studies."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        scores = roe_metz_scores(label, areas, readers, RoeMetz(), rng)
        theta, covariance = reader_areas(label, scores, patient)
        found.append(compare_modalities(theta, covariance, fixed_readers=fixed))
    return found


def within_three_errors(share, expected, draws):
    return abs(share - expected) <= 3 * (expected * (1 - expected) / draws) ** 0.5


def test_intervals_cover_the_true_difference_of_simulated_readers_as_often_as_they_say():
    label, draws = np.repeat([0, 1], 50), 600
    found = analyses(draws, (0.78, 0.84), 5, label, seed=1)
    covered = np.mean([one.low <= 0.06 <= one.high for one in found])
    assert within_three_errors(covered, 0.95, draws)
    values = [one.value for one in found]
    assert abs(np.mean(values) - 0.06) <= 3 * np.std(values) / draws**0.5


def test_equal_modalities_are_called_different_as_often_as_the_test_says():
    label, draws = np.repeat([0, 1], 50), 600
    found = analyses(draws, (0.8, 0.8), 5, label, seed=2)
    assert within_three_errors(np.mean([one.p < 0.05 for one in found]), 0.05, draws)


def test_an_analysis_of_fixed_readers_is_not_one_of_readers_like_these():
    # Of readers drawn anew in every study it finds differences too often.
    label, draws = np.repeat([0, 1], 50), 300
    found = analyses(draws, (0.8, 0.8), 5, label, seed=3, fixed=True)
    assert np.mean([one.p < 0.05 for one in found]) > 0.05 + 3 * (0.05 * 0.95 / draws) ** 0.5


def test_nothing_that_varies_leaves_a_difference_without_interval_and_equality_with_one():
    theta = np.array([[0.8, 0.8], [0.9, 0.9]])
    nothing = np.zeros((2, 2, 2, 2))
    assert np.isnan(compare_modalities(theta, nothing).p)
    same = compare_modalities(theta[[0, 0]], nothing)
    assert (same.low, same.high, same.p) == (0, 0, 1)
    assert np.isnan(estimate(0.1, np.nan, np.inf, 0.95).low)


def test_readers_that_agree_leave_the_variance_to_the_cases():
    theta = np.array([[0.8, 0.8], [0.9, 0.9]])
    covariance = np.full((2, 2, 2, 2), 0.0005)
    covariance[0, :, 0, :] = covariance[1, :, 1, :] = 0.001
    found = compare_modalities(theta, covariance)
    assert found.df == np.inf
    assert found.standard_error == pytest.approx(0.001**0.5)
