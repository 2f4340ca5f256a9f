import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn import metrics

from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.curves import (
    average_precision,
    precision_recall_points,
    roc_points,
)


def test_roc_points_of_five_lesions_counted_by_hand():
    # By score: malignant, one of each tied, benign, malignant.
    label, score = [1, 1, 0, 0, 1], [0.9, 0.6, 0.6, 0.5, 0.1]
    false_positive, sensitivity, cuts = roc_points(label, score)
    assert false_positive.tolist() == [0, 0, 0.5, 1, 1]
    np.testing.assert_allclose(sensitivity, [0, 1 / 3, 2 / 3, 2 / 3, 1])
    assert cuts.tolist() == [np.inf, 0.9, 0.6, 0.5, 0.1]


def test_the_area_under_the_roc_points_is_mann_whitneys(label_and_score):
    label, score = label_and_score
    wins = mannwhitneyu(score[label == 1], score[label == 0]).statistic
    area = np.trapezoid(*roc_points(label, score)[1::-1])
    assert area == pytest.approx(wins / (label.sum() * (1 - label).sum()), rel=1e-12)


def test_precision_recall_points_of_five_lesions_counted_by_hand():
    recall, precision = precision_recall_points([1, 1, 0, 0, 1], [0.9, 0.6, 0.6, 0.5, 0.1])
    np.testing.assert_allclose(recall, [0, 1 / 3, 2 / 3, 2 / 3, 1])
    np.testing.assert_allclose(precision, [1, 1, 2 / 3, 1 / 2, 3 / 5])


def test_average_precision_equals_sklearns_in_every_resample(label_and_score):
    label, score = label_and_score
    weights = resampling_weights(label, np.arange(label.size), 20, generator(1, "ap"))
    ours = average_precision(label, score, weights)
    for value, row in zip(ours, weights, strict=True):
        expected = metrics.average_precision_score(label, score, sample_weight=row)
        assert value == pytest.approx(expected, rel=1e-12)


def test_average_precision_of_constant_scores_is_the_prevalence():
    label = np.array([0.0, 1, 0, 0])
    assert average_precision(label, np.full(4, 0.3), np.ones(4)) == 0.25
