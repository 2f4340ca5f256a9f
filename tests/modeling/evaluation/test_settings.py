import pytest
from pydantic import ValidationError

from spl_kedro.modeling.evaluation import EvaluationSettings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("threshold_rule", "best"),
        ("min_sensitivity", 1.2),
        ("n_bootstrap", 10),
        ("confidence", 0.4),
        ("prevalence", 1.0),
        ("pooling", "median"),
        ("treshold_rule", "youden"),
        ("risk_categories", (0.5, 0.2)),
        ("risk_categories", (0.5, 1.2)),
        ("subgroup_cuts", {"age": (60, 60)}),
    ],
)
def test_a_value_out_of_range_or_a_misspelt_key_is_refused_by_name(key, value):
    with pytest.raises(ValidationError, match=key):
        EvaluationSettings(**{key: value})


def test_decision_thresholds_must_be_in_order():
    with pytest.raises(ValidationError, match="decision_threshold_min must be below"):
        EvaluationSettings(decision_threshold_min=0.6, decision_threshold_max=0.4)
