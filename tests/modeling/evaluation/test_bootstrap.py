import numpy as np
from scipy import stats

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)


def test_each_resample_draws_as_many_patients_of_each_class_as_there_are():
    label = np.array([0] * 30 + [1] * 12)
    weights = resampling_weights(label, np.arange(42), 500, generator(1, "a"))
    assert weights.shape == (500, 42)
    assert set(weights[:, label == 0].sum(axis=1)) == {30.0}
    assert set(weights[:, label == 1].sum(axis=1)) == {12.0}
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.25)


def test_lesions_of_a_patient_are_drawn_together():
    patient = np.array(["a", "b", "b", "c", "d", "d"])
    label = np.array([0, 0, 1, 0, 1, 1])
    weights = resampling_weights(label, patient, 200, generator(1, "a"))
    np.testing.assert_array_equal(weights[:, 1], weights[:, 2])
    np.testing.assert_array_equal(weights[:, 4], weights[:, 5])
    # b has a malignant lesion: with d it makes the malignant class, two draws in all.
    assert set(weights[:, 1] + weights[:, 4]) == {2.0}


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
