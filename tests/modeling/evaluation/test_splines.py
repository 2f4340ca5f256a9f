import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from spl_kedro.modeling.evaluation.splines import knots_of, spline_design


def natural_spline_basis(x, knots):
    """SciPy's natural cubic splines through the unit vectors, continued as straight lines."""
    columns = []
    for unit in np.eye(knots.size):
        spline = CubicSpline(knots, unit, bc_type="natural")
        inside = np.clip(x, knots[0], knots[-1])
        columns.append(spline(inside) + spline(inside, 1) * (x - inside))
    return np.column_stack(columns)


def test_design_spans_the_same_curves_as_scipys_natural_splines():
    x = np.random.default_rng(1).normal(size=200)
    for knots in (knots_of(x), np.array([-1.0, -0.2, 0.5, 1.4])):
        ours, theirs = spline_design(x, knots), natural_spline_basis(x, knots)
        assert ours.shape[1] == knots.size
        together = np.linalg.matrix_rank(np.hstack([ours, theirs]), tol=1e-8)
        assert np.linalg.matrix_rank(ours) == together == knots.size


def test_knots_are_the_10th_50th_and_90th_percentile():
    np.testing.assert_allclose(knots_of(np.arange(101.0)), [10, 50, 90])


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.0, 1.0, 2.0, 3.0]])
def test_a_variable_with_few_values_gets_a_straight_line(values):
    x = np.resize(values, 100)
    assert knots_of(x).size == 0
    assert spline_design(x, knots_of(x)).shape == (100, 2)
