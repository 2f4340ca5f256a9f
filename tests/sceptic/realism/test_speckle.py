"""Measures of pure speckle against the values of the theory."""

import numpy as np
import pytest
from tests.sceptic.realism.images import speckle

from spl_kedro.sceptic.realism.field import DEPTH
from spl_kedro.sceptic.realism.settings import RealismSettings
from spl_kedro.sceptic.realism.speckle import (
    correlation_widths,
    envelope,
    lit_windows,
    mean_over_sd,
    nakagami,
    speckle_measures,
)
from spl_kedro.sceptic.realism.spectrum import FREQUENCIES, radial_spectrum

SETTINGS = RealismSettings()


@pytest.fixture(scope="module")
def amplitude() -> np.ndarray:
    """Windows of an envelope of fully developed speckle, finer than a pixel."""
    rng = np.random.default_rng(5)
    return np.hypot(rng.normal(size=(400, 32, 32)), rng.normal(size=(400, 32, 32)))


def test_fully_developed_speckle_has_the_ratio_of_rayleighs_distribution(amplitude):
    ratios = mean_over_sd(amplitude)
    expected = np.sqrt(np.pi / (4 - np.pi))  # 1.913
    error = ratios.std() / np.sqrt(len(ratios))
    assert ratios.mean() == pytest.approx(expected, abs=3 * error + 0.005)


def test_fully_developed_speckle_has_nakagamis_parameter_one(amplitude):
    values = nakagami(amplitude)
    error = values.std() / np.sqrt(len(values))
    assert values.mean() == pytest.approx(1, abs=3 * error + 0.01)


def test_undoing_the_compression_gives_the_envelope_back():
    true = np.array([1.0, 0.1, 0.01])
    grey = 255 * (1 + 20 * np.log10(true) / 60)
    np.testing.assert_allclose(envelope(grey, 60), true)


def test_the_size_of_speckle_is_the_width_of_its_correlation():
    # The intensity of an echo whose field is correlated by a Gaussian filter of width s: its
    # autocovariance is exp(-lag^2 / (2 s^2)).
    grey = speckle(np.random.default_rng(6), (900, 900), size=(2.0, 4.0))
    axial, lateral = correlation_widths(envelope(grey, 60)[None] ** 2)
    assert axial[0] == pytest.approx(2 * 2.0 * np.sqrt(2 * np.log(2)), rel=0.04)
    assert lateral[0] == pytest.approx(2 * 4.0 * np.sqrt(2 * np.log(2)), rel=0.04)


def test_a_stripe_across_the_beam_is_wide_and_thin():
    window = np.zeros((1, 32, 32))
    window[0, 15:17] = 100.0
    axial, lateral = correlation_widths(window)
    assert axial[0] < 4
    assert lateral[0] > 31


def test_a_slope_is_no_speckle():
    rng = np.random.default_rng(7)
    windows = rng.normal(size=(40, 32, 32))
    slope = np.linspace(0, 500, 32)[:, None]
    np.testing.assert_allclose(
        correlation_widths(windows + slope), correlation_widths(windows), rtol=1e-6
    )


def test_shadows_and_saturated_pixels_are_left_out():
    field = np.full((208, 96), 100.0)
    field[:104] = 0
    assert len(lit_windows(field)) == 5 * 5
    assert len(lit_windows(np.full((208, 96), 255.0))) == 0


def test_an_image_of_shadow_alone_has_no_speckle_measures():
    found = speckle_measures(np.zeros((208, 96)), SETTINGS)
    assert set(found) == set(speckle_measures(speckle(np.random.default_rng(8)), SETTINGS))
    assert all(np.isnan(value) for value in found.values())


def test_a_wave_has_its_power_at_its_own_frequency():
    rows = np.arange(208)[:, None]
    field = 100 + 20 * np.sin(2 * np.pi * 8 * rows / 64) * np.ones((1, 96))
    spectrum = radial_spectrum(field)
    assert FREQUENCIES[np.argmax(spectrum)] == 8 * DEPTH / 64
    # The shares of all rings add up to the whole.
    assert (10 ** (spectrum / 10)).sum() == pytest.approx(1, abs=1e-3)


def test_contrast_and_brightness_do_not_count_in_the_spectrum():
    field = speckle(np.random.default_rng(9), (208, 96))
    np.testing.assert_allclose(radial_spectrum(0.3 * field + 40), radial_spectrum(field))
