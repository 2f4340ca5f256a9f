import pytest
from pydantic import ValidationError

from spl_kedro.pipelines.modeling.parameters import ModelingParameters


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"selection": {"min_iccc": 0.8}}, "unknown key 'min_iccc'. Did you mean 'min_icc'"),
        ({"selection": {"max_correlation": 1.5}}, "less than or equal to 1"),
        ({"classifier": {"kind": "forest"}}, "'linear_svm', 'logistic'"),
        ({"protocol": {"n_splits": 1}}, "greater than or equal to 2"),
        ({"evaluation": {"n_bootstrap": 1}}, "greater than or equal to 100"),
    ],
)
def test_a_bad_value_is_refused_with_its_key_and_range(values, words):
    with pytest.raises(ValidationError, match=words):
        ModelingParameters.model_validate(values)
