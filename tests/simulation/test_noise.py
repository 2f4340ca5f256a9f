import numpy as np
import pytest

from spl_kedro.simulation.noise import complex_noise, periodic_curve, smooth_curve, smooth_field


def test_smooth_curves_and_fields_have_unit_variance_everywhere(rng):
    curves = np.array([smooth_curve(rng, 200, 10) for _ in range(1500)])
    fields = np.array([smooth_field(rng, (40, 30), (6, 4)) for _ in range(1500)])
    assert np.abs(curves.std(axis=0) - 1).max() < 0.12
    assert np.abs(fields.std(axis=0) - 1).max() < 0.15


def test_a_smooth_field_is_correlated_as_far_as_its_scales_say(rng):
    fields = np.array([smooth_field(rng, (60, 60), (8, 3)) for _ in range(1000)])
    middle = fields[:, 30, 30]
    # Bumps of standard deviation s give a correlation of 1/e at a distance of 2 s.
    expected = np.exp(-1)
    error = np.sqrt((1 + expected**2) / len(fields))
    assert np.mean(middle * fields[:, 46, 30]) == pytest.approx(expected, abs=4 * error)
    assert np.mean(middle * fields[:, 30, 36]) == pytest.approx(expected, abs=4 * error)


def test_a_periodic_curve_closes_and_has_unit_variance(rng):
    curves = np.array([periodic_curve(rng, 360, (1, 8), 0.5) for _ in range(1500)])
    assert curves.std() == pytest.approx(1, abs=0.05)
    steps = np.abs(np.diff(curves, axis=1)).max(axis=1)
    assert np.all(np.abs(curves[:, 0] - curves[:, -1]) <= 1.5 * steps)


def test_complex_noise_is_circular_with_unit_power(rng):
    noise = complex_noise(rng, (400, 400))
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(1, abs=0.02)
    assert abs(np.mean(noise**2)) < 0.02
