import pytest
from pydantic import ValidationError

from spl_kedro.survival import SurvivalSettings


def test_nothing_is_declared_by_default():
    assert SurvivalSettings().time is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"time": "months"}, "named together"),
        ({"times": [12, 6]}, "must be above 0 and increase"),
        ({"penalties": [0.1, 0]}, "penalties must be above 0"),
        ({"words": {"happened": ["yes"], "censored": ["YES"]}}, "the word 'yes' stands under"),
        ({"unit": "years"}, "unit"),
    ],
)
def test_what_does_not_fit_together_is_refused(values, told):
    with pytest.raises(ValidationError, match=told):
        SurvivalSettings(**values)
