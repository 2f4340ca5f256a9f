import numpy as np
from statsmodels.stats.multitest import multipletests

from spl_kedro.modeling.evaluation.multiplicity import holm


def test_holm_of_four_tests_counted_by_hand():
    # In order: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04, which may not fall below 0.06.
    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02], rtol=1e-12
    )


def test_adjusted_p_values_end_at_one():
    assert holm([0.6, 0.9]).tolist() == [1, 1]


def test_a_test_without_p_value_stays_without_and_does_not_count():
    np.testing.assert_allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04], rtol=1e-12)
    assert np.isnan(holm([np.nan, np.nan])).all()


def test_holm_is_that_of_statsmodels():
    # Few: statsmodels collects garbage at every call.
    p = np.random.default_rng(0).uniform(0, 1, (4, 40)) ** 3
    for row in p:
        np.testing.assert_allclose(holm(row), multipletests(row, method="holm")[1], rtol=1e-12)
