import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from spl_kedro.modeling.signatures.logistic import (
    fit_logistic,
    independent_columns,
    likelihood_ratio_p,
)


def data(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1.0, 20.0, 0.01] + [0.0, 55.0, 3.0]
    log_odds = X[:, 0] + 0.05 * (X[:, 1] - 55)
    return X, (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int)


def test_coefficients_and_errors_equal_those_of_statsmodels_on_unscaled_terms():
    X, y = data()
    fit = fit_logistic(X, y)
    outside = sm.Logit(y, sm.add_constant(X)).fit(disp=0, method="newton", tol=1e-10)
    assert fit.method == "maximum likelihood"
    np.testing.assert_allclose(fit.coefficients, outside.params, rtol=1e-5)
    np.testing.assert_allclose(fit.standard_errors, outside.bse, rtol=1e-5)
    np.testing.assert_allclose(fit.interval(), outside.conf_int(), rtol=1e-5)
    np.testing.assert_allclose(fit.wald_p_values(), outside.pvalues, rtol=1e-4)


def test_likelihood_ratio_equals_that_of_statsmodels():
    X, y = data()
    full = sm.Logit(y, sm.add_constant(X)).fit(disp=0)
    rest = sm.Logit(y, sm.add_constant(X[:, [1]])).fit(disp=0)
    expected = stats.chi2.sf(2 * (full.llf - rest.llf), 2)
    assert likelihood_ratio_p(X, y, np.array([0, 2])) == pytest.approx(expected, rel=1e-6)


def test_firth_on_a_two_by_two_table_adds_half_a_patient_to_each_cell():
    # For a saturated model Jeffreys' prior is the same as adding 1/2 to every cell
    # (Firth 1993, section 4.3; Heinze and Schemper 2002). One cell is empty here.
    exposed = np.repeat([0, 0, 1, 1], [12, 5, 0, 9]).astype(float)[:, None]
    y = np.repeat([0, 1, 0, 1], [12, 5, 0, 9])
    fit = fit_logistic(exposed, y)
    assert fit.method == "Firth"
    odds_ratio = (9.5 * 12.5) / (0.5 * 5.5)
    assert np.exp(fit.coefficients[1]) == pytest.approx(odds_ratio, rel=1e-5)
    assert fit.coefficients[0] == pytest.approx(np.log(5.5 / 12.5), rel=1e-5)


def test_perfect_separation_gives_finite_odds_ratios_with_intervals():
    x = np.linspace(-1, 1, 40)[:, None]
    fit = fit_logistic(x, (x[:, 0] > 0).astype(int))
    assert fit.method == "Firth"
    assert np.isfinite(fit.interval()).all()
    assert fit.coefficients[1] > 0
    assert likelihood_ratio_p(x, (x[:, 0] > 0).astype(int), np.array([0])) < 1e-4


def test_firth_approaches_maximum_likelihood_as_lesions_accumulate():
    X, y = data(n=20_000)
    plain, firth = fit_logistic(X, y), fit_logistic(X, y, firth=True)
    np.testing.assert_allclose(firth.coefficients[1:3], plain.coefficients[1:3], rtol=5e-3)


def test_repeated_and_constant_columns_are_not_independent():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30))
    X = np.column_stack([a, np.full(30, 7.0), b, a + 2 * b, 3 * a - 1, 0 * a])
    assert independent_columns(X).tolist() == [0, 2]
