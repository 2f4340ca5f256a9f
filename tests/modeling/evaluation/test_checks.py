import numpy as np
import pytest

from spl_kedro.modeling.evaluation.checks import EvaluationError, checked_scores, is_separated


@pytest.mark.parametrize(
    ("label", "score", "rule"),
    [
        ([0, 1, 1], [0.1, 0.2], "same_length"),
        ([0, 1, 2], [0.1, 0.2, 0.3], "binary_label"),
        ([0, 1, np.nan], [0.1, 0.2, 0.3], "binary_label"),
        ([0, 1, 1], [0.1, np.nan, 0.3], "finite_score"),
        ([0, 1, 1], [0.1, np.inf, 0.3], "finite_score"),
        ([1, 1, 1], [0.1, 0.2, 0.3], "two_classes"),
        ([], [], "two_classes"),
    ],
)
def test_input_that_breaks_a_rule_is_refused_by_its_name(label, score, rule):
    with pytest.raises(EvaluationError, match=f"rule {rule}"):
        checked_scores(label, score)


def test_scores_need_be_probabilities_only_where_it_is_asked():
    _, score = checked_scores([0, 1], [-3.0, 5.0])
    assert score.tolist() == [-3.0, 5.0]
    with pytest.raises(EvaluationError, match="rule probability"):
        checked_scores([0, 1], [-3.0, 5.0], probabilities=True)


def test_classes_that_touch_are_not_separated():
    label = np.array([0.0, 0, 1])
    assert is_separated(label, np.array([0.1, 0.2, 0.3]))
    assert not is_separated(label, np.array([0.1, 0.3, 0.3]))
