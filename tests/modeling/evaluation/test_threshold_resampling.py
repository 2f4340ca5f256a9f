import numpy as np
import pytest

from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.decided import CHOSEN_ANEW, decided_measures
from spl_kedro.modeling.evaluation.operating_point import proportions, ratio
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.threshold_resampling import (
    Choice,
    error_interval,
    resampled_cuts,
    threshold_errors,
)
from spl_kedro.modeling.evaluation.thresholds import rule_in_threshold, training_threshold
from spl_kedro.modeling.evaluation.units import Cell


def training(seed=0, n=120, repeats=2, digits=2):
    """Return cross-fitted scores with ties, some of them between the classes."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.6).astype(float)
    odds = 1.2 * label + rng.normal(size=(repeats, n))
    score = np.round(1 / (1 + np.exp(-odds)), digits)
    folds = np.stack([rng.permutation(np.arange(n) % 4) for _ in range(repeats)])
    lesion = np.arange(n)
    return Cell("leak_free", "cdlr", "training", lesion, lesion, label, score, folds)


def weights_of(cell, b=40):
    return resampling_weights(cell.label, cell.patient, b, generator(1, "cuts"))


@pytest.mark.parametrize("rule", ["youden", "sensitivity"])
def test_thresholds_of_a_resample_are_those_chosen_on_its_lesions_written_out(rule):
    settings = EvaluationSettings(threshold_rule=rule)
    cell = training()
    weights = weights_of(cell)
    cuts = resampled_cuts(cell, weights, settings)
    for b, counts in enumerate(weights.astype(int)):
        rows = np.repeat(np.arange(cell.n), counts)
        pooled = training_threshold(cell.label[rows], cell.scores[:, rows], settings)
        assert cuts.deployed[b] == pytest.approx(pooled, abs=1e-12)
        others = rows[cell.folds[1][rows] != 2]
        own = training_threshold(cell.label[others], cell.scores[1, others], settings)
        assert cuts.judging[1, 2, b] == pytest.approx(own, abs=1e-12)


@pytest.mark.parametrize("specificity", [0.6, 0.9, 1.0])
def test_a_border_to_rule_in_is_chosen_again_too(specificity):
    settings = EvaluationSettings.model_validate({"clinic": {"min_specificity": specificity}})
    cell = training(digits=1)
    weights = weights_of(cell)
    cuts = resampled_cuts(cell, weights, settings, Choice(specificity, mirrored=True))
    for b, counts in enumerate(weights.astype(int)):
        rows = np.repeat(np.arange(cell.n), counts)
        expected = rule_in_threshold(cell.label[rows], cell.scores[:, rows], settings)
        assert cuts.deployed[b] == pytest.approx(expected, abs=1e-12)


def test_a_border_to_rule_in_lies_beyond_all_scores_where_the_highest_is_benign():
    cell = training(repeats=1)
    score = cell.scores.copy()
    score[0, np.flatnonzero(cell.label == 0)[0]] = 2.0
    cuts = resampled_cuts(
        cell._replace(scores=score), np.ones((2, cell.n)), EvaluationSettings(), Choice(1.0, True)
    )
    assert np.isposinf(cuts.deployed).all()


def test_an_error_is_what_is_reported_less_what_the_deployed_threshold_does():
    settings, cell = EvaluationSettings(), training()
    weights = weights_of(cell)
    cuts = resampled_cuts(cell, weights, settings)
    errors = threshold_errors(
        cell, cuts, weights, lambda counts: ratio(*proportions(counts)["sensitivity"])
    )
    malignant = cell.label == 1
    reported, true = [], []
    for repeat, score in enumerate(cell.scores):
        cut = cuts.judging[repeat, cell.folds[repeat], 7]
        called = (score >= cut)[malignant]
        reported.append((weights[7, malignant] * called).sum() / weights[7, malignant].sum())
        true.append((score >= cuts.deployed[7])[malignant].mean())
    assert errors[7] == pytest.approx(np.mean(reported) - np.mean(true), abs=1e-12)


def test_folds_without_others_of_both_classes_have_no_threshold():
    cell = training(n=12, repeats=1)
    folds = np.where(cell.label == 1, 0, 1)[None]
    cuts = resampled_cuts(cell._replace(folds=folds), np.ones((3, 12)), EvaluationSettings())
    assert np.isnan(cuts.judging).all()
    assert np.isfinite(cuts.deployed).all()


def test_an_interval_mirrors_the_errors_about_the_report_and_keeps_its_bounds():
    errors = np.linspace(-0.1, 0.3, 1001)
    low, high = error_interval(0.9, errors, 0.9)
    assert (low, high) == (pytest.approx(0.72), 1.0)
    assert np.isnan(error_interval(0.9, np.full(10, np.nan), 0.9)).all()


def test_intervals_in_training_are_wider_than_those_of_given_thresholds():
    cell, settings = training(n=300), EvaluationSettings(n_bootstrap=200)
    weights = np.vstack([np.ones(cell.n), weights_of(cell, 200)])
    anew = decided_measures(cell, 0.5, weights, settings)["sensitivity"]
    given = decided_measures(cell._replace(cohort="external"), anew[0], weights, settings)
    assert anew[3].startswith(CHOSEN_ANEW)
    assert anew[2] - anew[1] > 1.2 * (given["sensitivity"][2] - given["sensitivity"][1])
