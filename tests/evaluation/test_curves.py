import numpy as np
import pytest
from sklearn import metrics

from spl_kedro.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.evaluation.curves import average_precision, precision_recall_points, roc_points


def test_roc_points_equal_sklearns(label_and_score):
    expected = metrics.roc_curve(*label_and_score, drop_intermediate=False)
    for ours, theirs in zip(roc_points(*label_and_score), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_precision_recall_points_equal_sklearns(label_and_score):
    recall, precision = precision_recall_points(*label_and_score)
    expected_precision, expected_recall, _ = metrics.precision_recall_curve(*label_and_score)
    np.testing.assert_allclose(recall[1:], expected_recall[-2::-1], rtol=1e-12)
    np.testing.assert_allclose(precision[1:], expected_precision[-2::-1], rtol=1e-12)


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
