import numpy as np
import pytest
from sklearn.metrics import recall_score, roc_curve

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import (
    sensitivity_threshold,
    training_threshold,
    youden_threshold,
)


def test_youden_threshold_reaches_the_largest_index_on_sklearns_roc_curve(label_and_score):
    label, score = label_and_score
    false_positive, sensitivity, _ = roc_curve(label, score)
    called = score >= youden_threshold(label, score)
    index = recall_score(label, called) + recall_score(1 - label, ~called) - 1
    assert index == pytest.approx((sensitivity - false_positive).max(), rel=1e-12)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95, 1.0])
def test_sensitivity_threshold_is_the_highest_that_keeps_the_sensitivity(label_and_score, wanted):
    label, score = label_and_score
    threshold = sensitivity_threshold(label, score, wanted)
    assert recall_score(label, score >= threshold) >= wanted
    higher = score[score >= threshold].min()
    assert recall_score(label, score > higher) < wanted


def test_of_equal_youden_indices_the_one_that_misses_fewer_cancers_is_taken():
    label = np.array([1, 0, 1, 0])
    score = np.array([0.9, 0.6, 0.4, 0.1])
    assert youden_threshold(label, score) == pytest.approx(0.25)


def test_threshold_lies_midway_between_the_scores_it_divides():
    assert youden_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.7]) == pytest.approx(0.4)


def test_constant_scores_call_everything_malignant():
    assert youden_threshold([0, 1, 1], [0.3, 0.3, 0.3]) == 0.3


def test_the_rule_decides_which_threshold_is_given(label_and_score):
    youden = EvaluationSettings(threshold_rule="youden")
    sensitivity = EvaluationSettings(threshold_rule="sensitivity", min_sensitivity=0.95)
    assert training_threshold(*label_and_score, youden) == youden_threshold(*label_and_score)
    assert training_threshold(*label_and_score, sensitivity) == sensitivity_threshold(
        *label_and_score, 0.95
    )
