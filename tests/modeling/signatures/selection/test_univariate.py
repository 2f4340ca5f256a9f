import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from spl_kedro.modeling.signatures.selection import UnivariateFilter


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2
    X = rng.normal(size=(120, 30))
    X[:, :5] += 0.8 * y[:, None]
    X[:, 10:20] = np.exp(2 * X[:, 10:20])
    return X, y


def test_each_p_value_is_that_of_scipy_for_the_test_named(data):
    X, y = data
    step = UnivariateFilter().fit(X, y)
    assert set(step.tests_) == {"Welch t", "Mann-Whitney"}
    for j, test in enumerate(step.tests_):
        a, b = X[y == 1, j], X[y == 0, j]
        if test == "Welch t":
            expected = stats.ttest_ind(a, b, equal_var=False).pvalue
        else:
            expected = stats.mannwhitneyu(a, b, method="asymptotic").pvalue
        assert step.p_values_[j] == pytest.approx(expected, rel=1e-9)


def test_skewed_features_get_the_rank_test(data):
    step = UnivariateFilter().fit(*data)
    assert (step.tests_[10:20] == "Mann-Whitney").all()


def test_false_discovery_control_equals_that_of_statsmodels(data):
    X, y = data
    X[:, 5] += 2.2 * X[:, 5].std() / np.sqrt(30) * (y - 0.5) - (
        X[y == 1, 5].mean() - X[y == 0, 5].mean()
    ) * (y - 0.5)
    plain = UnivariateFilter().fit(X, y)
    corrected = UnivariateFilter(fdr=True).fit(X, y)
    expected = multipletests(plain.p_values_, method="fdr_bh")
    np.testing.assert_allclose(corrected.p_values_, expected[1], rtol=1e-12)
    assert (corrected.support_ == (expected[1] < 0.05)).all()
    assert corrected.support_.sum() < plain.support_.sum()


def test_of_pure_noise_one_in_twenty_is_kept():
    rng = np.random.default_rng(1)
    step = UnivariateFilter().fit(rng.normal(size=(200, 4000)), np.arange(200) % 2)
    assert 0.035 < step.support_.mean() < 0.065


def test_a_constant_feature_is_dropped_with_p_one():
    X = np.column_stack([np.ones(50), np.arange(50) % 2 + 0.01 * np.arange(50)])
    step = UnivariateFilter().fit(X, np.arange(50) % 2)
    assert step.support_.tolist() == [False, True]
    assert step.dropped_["statistic"].tolist() == [1.0]


def test_an_unknown_test_is_refused(data):
    with pytest.raises(ValueError, match="none of 'auto', 'welch', 'mann_whitney'"):
        UnivariateFilter(test="student").fit(*data)
