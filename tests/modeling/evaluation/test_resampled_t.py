import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference, auc_interval
from spl_kedro.modeling.evaluation.resampled_t import (
    DELONG,
    METHOD,
    cross_fitted_difference,
    cross_fitted_interval,
)


def scored(seed=0, n=200, repeats=3, k=5):
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.6).astype(float)
    shared = rng.normal(size=n)
    scores = [gain * label + shared + rng.normal(size=(repeats, n)) for gain in (0.9, 1.2)]
    folds = np.stack([rng.permutation(np.arange(n) % k) for _ in range(repeats)])
    return label, *scores, folds


def test_the_test_is_nadeaus_and_bengios_written_out():
    label, first, second, folds = scored()
    found, method = cross_fitted_difference(label, first, second, folds)
    gains = [
        roc_auc_score(label[fold == k], b[fold == k])
        - roc_auc_score(label[fold == k], a[fold == k])
        for a, b, fold in zip(first, second, folds, strict=True)
        for k in range(5)
    ]
    error = ((1 / 15 + 1 / 4) * np.var(gains, ddof=1)) ** 0.5
    difference = np.mean(
        [
            roc_auc_score(label, b) - roc_auc_score(label, a)
            for a, b in zip(first, second, strict=True)
        ]
    )
    assert method == METHOD
    assert found.difference == pytest.approx(difference, rel=1e-12)
    assert found.z == pytest.approx(difference / error, rel=1e-9)
    assert found.p == pytest.approx(2 * stats.t.sf(difference / error, 14), rel=1e-9)
    assert found.low == pytest.approx(difference - stats.t.ppf(0.975, 14) * error, rel=1e-9)


def test_scores_of_given_models_keep_delongs_test_and_interval():
    label, first, second, _ = scored(repeats=1)
    whole = np.full((1, label.size), -1)
    usual = auc_difference(*auc_covariance(label, [first, second]), 0, 1)
    assert cross_fitted_difference(label, first, second, whole) == (usual, DELONG)
    assert cross_fitted_interval(label, first, whole) == auc_interval(label, first)


def test_a_fold_without_both_classes_or_too_few_folds_leave_it_to_delong():
    label, first, _, folds = scored(k=3, repeats=1)
    assert cross_fitted_interval(label, first, folds) == auc_interval(label, first)
    label, first, _, folds = scored()
    folds[0, label == 1] = 0
    assert cross_fitted_interval(label, first, folds) == auc_interval(label, first)


def test_the_interval_is_about_the_mean_auc_on_the_logit_scale():
    label, first, _, folds = scored()
    found = cross_fitted_interval(label, first, folds)
    odds = np.log([found.low / (1 - found.low), found.high / (1 - found.high)])
    assert found.method == f"{METHOD}, logit"
    assert found.auc == pytest.approx(np.mean([roc_auc_score(label, s) for s in first]), rel=1e-12)
    assert odds.mean() == pytest.approx(np.log(found.auc / (1 - found.auc)), rel=1e-9)


def test_models_that_rank_alike_do_not_differ():
    label, first, _, folds = scored()
    found, _ = cross_fitted_difference(label, first, first * 2, folds)
    assert (found.difference, found.p) == (0.0, 1.0)
