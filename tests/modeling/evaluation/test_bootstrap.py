import numpy as np
import pytest
from scipy import stats

from spl_kedro.modeling.evaluation import bootstrap
from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
    spread_interval,
)


def test_each_resample_draws_as_many_patients_as_there_are_and_leaves_their_classes_to_chance():
    label = np.array([0] * 30 + [1] * 12)
    weights = resampling_weights(label, np.arange(42), 4000, generator(1, "a"))
    assert weights.shape == (4000, 42)
    assert set(weights.sum(axis=1)) == {42.0}
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.08)
    malignant = weights[:, label == 1].sum(axis=1)
    assert malignant.mean() == pytest.approx(12, abs=0.15)
    assert malignant.var() == pytest.approx(42 * 12 * 30 / 42**2, rel=0.1)


def test_both_classes_are_in_every_resample():
    label = np.array([0] * 19 + [1])
    weights = resampling_weights(label, np.arange(20), 500, generator(1, "a"))
    assert weights[:, label == 1].sum(axis=1).min() == 1
    assert set(weights.sum(axis=1)) == {20.0}


def test_classes_of_a_part_vary_as_in_the_cohort_that_was_divided():
    label = np.array([0] * 49 + [1] * 73)
    weights = resampling_weights(label, np.arange(122), 4000, generator(1, "a"), 609)
    share = weights[:, label == 1].sum(axis=1) / 122
    # Rounding to whole patients adds a twelfth of a patient's square.
    expected = 73 * 49 / 122**2 / 609 + 1 / 12 / 122**2
    assert share.var() == pytest.approx(expected, rel=0.1)


def test_resamples_are_the_same_whatever_is_in_memory_at_once(monkeypatch):
    label = np.repeat([0, 1], [30, 12])
    whole = resampling_weights(label, np.arange(42), 60, generator(1, "a"))
    monkeypatch.setattr(bootstrap, "_DRAWN_AT_ONCE", 42 * 7)
    parts = resampling_weights(label, np.arange(42), 60, generator(1, "a"))
    np.testing.assert_array_equal(whole, parts)


def test_lesions_of_a_patient_are_drawn_together():
    patient = np.array(["a", "b", "b", "c", "d", "d"])
    label = np.array([0, 0, 1, 0, 1, 1])
    weights = resampling_weights(label, patient, 200, generator(1, "a"))
    np.testing.assert_array_equal(weights[:, 1], weights[:, 2])
    np.testing.assert_array_equal(weights[:, 4], weights[:, 5])
    # b has a malignant lesion: of four patients drawn one to three are of its class, with d.
    assert set(weights[:, 1] + weights[:, 4]) == {1.0, 2.0, 3.0}


def test_same_seed_and_names_give_the_same_resamples_and_others_do_not():
    label = np.repeat([0, 1], 20)

    def draw(*key):
        return resampling_weights(label, np.arange(40), 50, generator(*key))

    np.testing.assert_array_equal(draw(5, "leak_free", "cdlr"), draw(5, "leak_free", "cdlr"))
    assert not np.array_equal(draw(5, "leak_free", "cdlr"), draw(5, "leak_free", "rad"))
    assert not np.array_equal(draw(5, "leak_free", "cdlr"), draw(6, "leak_free", "cdlr"))


def test_percentile_interval_of_a_mean_agrees_with_scipys_bootstrap():
    values = np.random.default_rng(2).exponential(size=80)
    weights = resampling_weights(np.zeros(80), np.arange(80), 20_000, generator(3, "mean"))
    low, high = percentile_interval(weights @ values / 80, 0.95)
    reference = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=4
    ).confidence_interval
    np.testing.assert_allclose([low, high], reference, rtol=0.01)


def test_interval_is_withheld_when_many_resamples_have_no_value():
    values = np.column_stack([np.linspace(0, 1, 100), np.linspace(0, 1, 100)])
    values[:3, 0] = np.nan
    values[:10, 1] = np.nan
    low, high = percentile_interval(values, 0.9)
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([low[1], high[1]]).all()


def test_spread_interval_of_a_mean_agrees_with_its_standard_error():
    values = np.random.default_rng(2).normal(0.6, 0.1, size=80)
    weights = resampling_weights(np.zeros(80), np.arange(80), 20_000, generator(3, "mean"))
    means = weights @ values / 80
    low, high = spread_interval(values.mean(), means, 0.95)
    error = values.std() / 80**0.5
    np.testing.assert_allclose([low, high], values.mean() + 1.96 * error * np.array([-1, 1]), 1e-3)
    low, high = spread_interval(values.mean(), means, 0.95, logit_scale=True)
    odds = np.log([low / (1 - low), high / (1 - high)])
    assert odds.mean() == pytest.approx(np.log(values.mean() / (1 - values.mean())), rel=1e-9)
    assert 0 < low < values.mean() < high < 1


def test_spread_interval_is_withheld_when_many_resamples_have_no_value():
    values = np.column_stack([np.linspace(0.1, 0.9, 100)] * 2)
    values[:10, 1] = np.nan
    low, high = spread_interval(np.array([0.5, 0.5]), values, 0.9, logit_scale=True)
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([low[1], high[1]]).all()
