import pandas as pd
import pytest

from spl_kedro.schemas import is_simulated


@pytest.mark.parametrize(
    ("simulated", "called"), [([True, True], True), ([True, False], True), ([False, False], False)]
)
def test_a_cohort_is_called_simulated_as_soon_as_one_patient_is(simulated, called):
    assert is_simulated(pd.DataFrame({"simulated": simulated})) is called
