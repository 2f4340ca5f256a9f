"""Measures of the controls that the study's own evaluation does not have."""

import numpy as np
import pytest
from scipy import stats
from tests.sceptic.controls.made_up import N, made_up_inputs

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.evaluation.resampled_t import (
    corrected_variance,
    cross_fitted_difference,
    cross_fitted_interval,
    fold_areas,
)
from spl_kedro.sceptic.controls import judging
from spl_kedro.sceptic.controls.declaration import PERMUTED, SITE, SIZE
from spl_kedro.sceptic.controls.scoring import Scored


@pytest.fixture
def inputs():
    return made_up_inputs()


@pytest.fixture
def cross_fitted(inputs):
    """The same, of models that were fitted in five folds, twice."""
    patient = np.unique(inputs.patient, return_inverse=True)[1]
    folds = np.stack([patient % 5, patient // 5 % 5])
    for own in inputs.fitted.cross_fits.values():
        own.folds = folds
    return inputs


def judge(inputs, *scored):
    return judging.judge_controls(scored, inputs).set_index("control")


def outcome(inputs, shift, seed):
    rng = np.random.default_rng(seed)
    other = rng.permutation(inputs.label)
    return other, (shift * other + rng.normal(size=(2, N))) / 10


def test_two_sites_are_told_apart_with_the_interval_of_the_study(inputs):
    site, scores = outcome(inputs, 1.0, 1)
    row = judge(inputs, Scored(SITE, np.arange(N), [(site, scores)])).loc["site"]
    plain = auc_interval(site, scores, 0.95, inputs.patient)
    assert row["auc"] == pytest.approx(plain.auc)
    # The sums over patients differ by factors of n / (n - 1) alone.
    assert row["high"] - row["low"] == pytest.approx(plain.high - plain.low, rel=0.02)


def test_cross_fitted_scores_have_the_intervals_and_tests_of_performance_in_training(cross_fitted):
    # Fault: DeLong's, which takes the models of the folds as given.
    own, model = outcome(cross_fitted, 1.0, 1)[1], cross_fitted.fitted.cross_fits["rad"]
    label, patient = cross_fitted.label, cross_fitted.patient
    row = judge(cross_fitted, Scored(SIZE, np.arange(N), [(label, own)])).loc["size"]
    found = cross_fitted_interval(label, own, model.folds, 0.95, patient)
    assert tuple(row[["auc", "low", "high"]]) == found[:1] + found[2:4]
    areas = fold_areas(label, own, model.folds)
    error = corrected_variance(areas, model.folds) ** 0.5
    assert row["p_chance"] == pytest.approx(stats.t.sf((found.auc - 0.5) / error, 9))
    test, _ = cross_fitted_difference(label, model.scores, own, model.folds, 0.95, patient)
    assert row["image_difference"] == test.difference
    assert (row["image_difference_low"], row["p_difference"]) == (test.low, test.p)


def test_sites_vary_from_fold_to_fold_as_one_mean(cross_fitted):
    several = [outcome(cross_fitted, 1.0, seed) for seed in (1, 2, 3)]
    row = judge(cross_fitted, Scored(SITE, np.arange(N), several)).loc["site"]
    model = cross_fitted.fitted.cross_fits["rad"]
    areas = np.mean([fold_areas(site, own, model.folds) for site, own in several], axis=0)
    half = stats.t.ppf(0.975, 9) * corrected_variance(areas, model.folds) ** 0.5
    assert row["high"] - row["low"] == pytest.approx(2 * half)
    gains = areas - fold_areas(cross_fitted.label, model.scores, model.folds)
    half = stats.t.ppf(0.975, 9) * corrected_variance(gains, model.folds) ** 0.5
    spread = row["image_difference_high"] - row["image_difference_low"]
    assert spread == pytest.approx(2 * half)


def test_several_sites_are_averaged_and_vary_less_than_each(inputs):
    several = [outcome(inputs, 1.0, seed) for seed in (1, 2, 3)]
    single = [judge(inputs, Scored(SITE, np.arange(N), [one])).loc["site"] for one in several]
    row = judge(inputs, Scored(SITE, np.arange(N), several)).loc["site"]
    assert row["auc"] == pytest.approx(np.mean([one["auc"] for one in single]))
    assert row["high"] - row["low"] < min(one["high"] - one["low"] for one in single)


def test_the_interval_of_permuted_labels_is_students_of_their_mean(inputs):
    aucs = np.array([0.48, 0.52, 0.55, 0.47, 0.51])
    row = judge(inputs, Scored(PERMUTED, np.arange(N), aucs=aucs)).loc["permuted"]
    low, high = stats.t.interval(0.95, 4, aucs.mean(), stats.sem(aucs))
    assert (row["auc"], row["low"], row["high"]) == pytest.approx((aucs.mean(), low, high))
    assert row["p_chance"] == pytest.approx(stats.ttest_1samp(aucs, 0.5).pvalue)
    assert row["verdict"] == "passes"
    shifted = judge(inputs, Scored(PERMUTED, np.arange(N), aucs=aucs + 0.15)).loc["permuted"]
    assert shifted["verdict"] == "fails"


def test_a_control_that_ranks_as_the_model_does_differs_by_nothing(inputs):
    own = inputs.fitted.cross_fits["rad"].scores
    row = judge(inputs, Scored(SIZE, np.arange(N), [(inputs.label, 2 * own)])).loc["size"]
    assert row["image_difference"] == row["image_difference_low"] == 0
    assert row["p_difference"] == 1
    assert row["verdict"] == "explains"


def test_scores_that_are_all_alike_are_at_chance(inputs):
    flat = np.full((2, N), 0.5)
    row = judge(inputs, Scored(SIZE, np.arange(N), [(inputs.label, flat)])).loc["size"]
    assert (row["auc"], row["p_chance"]) == (0.5, 1.0)


def test_patients_are_judged_where_the_study_pools_them(inputs):
    own = inputs.fitted.cross_fits["rad"].scores
    scored = Scored(SIZE, np.arange(N), [(inputs.label, own)])
    assert judge(inputs, scored).loc["size", "n"] == N
    inputs.evaluation = EvaluationSettings(pooling="mean")
    pooled = judge(inputs, scored)
    assert pooled.loc["size", "n"] == pooled.loc["image", "n"] == N - 10
    # Each of the ten patients with two lesions has one of either class.
    assert pooled.loc["size", "events"] == N // 2
    assert set(pooled["unit"]) == {"patients"}


def test_a_control_that_was_not_computed_keeps_its_row_and_its_reason(inputs):
    row = judge(inputs, Scored(SITE, np.empty(0, dtype=np.int64), note="one site")).loc["site"]
    assert np.isnan(row["auc"])
    assert (row["verdict"], row["note"], row["n"]) == ("not_applicable", "one site", 0)
