"""Distances of sets whose distance is known."""

import numpy as np
import pytest

from spl_kedro.sceptic.realism import distances
from spl_kedro.sceptic.realism.distances import even_weights
from spl_kedro.sceptic.realism.told_apart import told_apart

FEATURES = [
    distances.standardised_differences,
    distances.energy_coefficient,
    distances.spectral_distance,
]


def between(distance, first, second):
    return distance(first, second, even_weights(len(first)), even_weights(len(second)))[0]


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(10).gamma(3.0, size=(30, 7))


@pytest.mark.parametrize("distance", [*FEATURES, distances.grey_distance])
def test_a_set_is_at_no_distance_from_itself_in_any_order(distance, values):
    order = np.random.default_rng(11).permutation(len(values))
    np.testing.assert_allclose(between(distance, values, values[order]), 0, atol=1e-7)


@pytest.mark.parametrize("distance", [*FEATURES, distances.share_covered])
def test_the_order_of_the_images_does_not_matter(distance, values):
    other = values[:20] * 1.7 + 0.4
    order = np.random.default_rng(12).permutation(len(values))
    found = between(distance, values, other)
    np.testing.assert_allclose(between(distance, values[order], other[::-1]), found, rtol=1e-9)


def test_values_twice_as_large_are_a_hundred_per_cent_off(values):
    found = between(distances.relative_shift, values[:, 0], 2 * values[:, 0])
    assert found == pytest.approx(100)
    assert between(distances.relative_shift, values[:, 0], values[::-1, 0]) == pytest.approx(0)


def test_a_histogram_moved_by_nine_levels_is_nine_levels_off():
    rng = np.random.default_rng(13)
    histograms = np.zeros((12, 256))
    histograms[:, 50:150] = rng.dirichlet(np.ones(100), size=12)
    moved = np.roll(histograms, 9, axis=1)
    assert between(distances.grey_distance, histograms, moved) == pytest.approx(9)


def test_a_spectrum_three_decibels_higher_is_three_decibels_off(values):
    assert between(distances.spectral_distance, values, values + 3) == pytest.approx(3)


def test_means_two_standard_deviations_apart_differ_by_two(values):
    shifted = values + 2 * values.std(axis=0)
    np.testing.assert_allclose(
        between(distances.standardised_differences, values, shifted), np.full(7, 2.0)
    )


def test_a_feature_that_never_varies_has_no_standardised_difference(values):
    first = np.column_stack([values, np.full(30, 1e6)])
    moved = first + np.array([0] * 7 + [1e-6])
    found = between(distances.standardised_differences, first, moved)
    assert np.isnan(found[-1])
    assert np.isfinite(found[:-1]).all()


def test_sets_without_anything_in_common_are_as_far_apart_as_possible():
    # Two points each: no distance within, the largest between.
    assert between(distances.energy_coefficient, np.zeros((5, 1)), np.ones((6, 1))) == 1
    assert between(distances.share_covered, np.zeros((5, 1)), np.ones((6, 1))) == 0


def test_a_set_covers_its_own_medians(values):
    assert between(distances.share_covered, values, values) == 1


def test_resamples_have_the_spread_of_the_mean():
    rng = np.random.default_rng(14)
    sample = rng.normal(size=(50, 1))
    weights = distances.bootstrap_weights(50, 4000, rng)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    spread = (weights @ sample).std()
    expected = sample.std() / np.sqrt(50)
    assert spread == pytest.approx(expected, rel=3 / np.sqrt(2 * 4000) + 0.01)


def classify(first, second, **changes):
    given = {"folds": 4, "repeats": 2, "confidence": 0.95, "seed": 3} | changes
    return told_apart(first, second, **given)


def test_no_classifier_tells_two_samples_of_one_distribution_apart():
    rng = np.random.default_rng(15)
    found = classify(rng.normal(size=(150, 5)), rng.normal(size=(150, 5)))
    # Three standard errors of an area between two samples of one distribution.
    assert found.auc == pytest.approx(0.5, abs=3 * np.sqrt(301 / (12 * 150 * 150)))


def test_sets_far_apart_are_told_apart_and_few_images_leave_it_open_how_well():
    rng = np.random.default_rng(16)
    many = rng.normal(size=(100, 5))
    few = rng.normal(size=(8, 5)) + 30
    found = classify(many, few)
    assert (found.auc, found.high, found.method) == (1, 1, "newcombe")
    assert 0.5 < found.low < 0.9
