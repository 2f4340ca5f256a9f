import numpy as np
import statsmodels.api as sm

from spl_kedro.modeling.evaluation.logistic import weighted_logistic


def regression_data():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(150, 2))
    label = (rng.random(150) < 1 / (1 + np.exp(-(0.5 + x @ [1.0, -0.7])))).astype(float)
    return sm.add_constant(x), label, rng.integers(0, 4, (6, 150)).astype(float)


def test_coefficients_equal_statsmodels_glm_with_frequency_weights():
    design, label, weights = regression_data()
    fitted = weighted_logistic(design, label, weights)
    for coefficients, row in zip(fitted, weights, strict=True):
        model = sm.GLM(label, design, family=sm.families.Binomial(), freq_weights=row)
        np.testing.assert_allclose(coefficients, model.fit(tol=1e-12).params, rtol=1e-7)


def test_offset_equals_statsmodels_glm():
    design, label, weights = regression_data()
    offset = design[:, 1]
    fitted = weighted_logistic(design[:, :1], label, weights[:1], offset)
    model = sm.GLM(
        label, design[:, :1], family=sm.families.Binomial(), freq_weights=weights[0], offset=offset
    )
    np.testing.assert_allclose(fitted[0], model.fit(tol=1e-12).params, rtol=1e-7)


def test_separated_and_collinear_fits_are_missing_beside_those_that_exist():
    x = np.array([-2.0, -1, 1, 2, -1.5, 1.5])
    label = np.array([0.0, 0, 1, 1, 1, 0])
    design = np.column_stack([np.ones(6), x])
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0]])
    fitted = weighted_logistic(design, label, weights)
    assert np.isfinite(fitted[0]).all()
    assert np.isnan(fitted[1:]).all()
    doubled = np.column_stack([design, 2 * x])
    assert np.isnan(weighted_logistic(doubled, label, weights)).all()
