import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.selection import StabilityFilter, VarianceFilter


def test_features_two_readers_do_not_reproduce_are_dropped_with_their_icc():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 4)), columns=list("abcd"))
    step = StabilityFilter(["a", "b", "c"], [0.9, 0.6, np.nan], threshold=0.75).fit(X)
    assert step.get_feature_names_out().tolist() == ["a", "d"]
    log = step.dropped_.set_index("feature")
    assert log.loc["b", "statistic"] == 0.6
    assert log.loc["b", "reason"] == "ICC below 0.75"
    assert np.isnan(log.loc["c", "statistic"])


def test_constant_rounding_noise_and_near_constant_features_are_dropped():
    rng = np.random.default_rng(0)
    mostly_zero = np.r_[np.zeros(98), 1.0, 2.0]
    X = np.column_stack(
        [rng.normal(size=100), np.full(100, 3.0), 5 + 1e-12 * rng.normal(size=100), mostly_zero]
    )
    step = VarianceFilter().fit(X)
    assert step.support_.tolist() == [True, False, False, False]
    reasons = step.dropped_["reason"].tolist()
    assert reasons[:2] == ["constant (relative SD at most 1e-08)"] * 2
    assert reasons[2] == "one value in more than 95% of lesions"


def test_small_units_are_not_mistaken_for_noise():
    X = 1e-200 * np.random.default_rng(0).normal(size=(50, 2))
    assert VarianceFilter().fit(X).support_.all()


def test_huge_values_do_not_overflow():
    X = 1e200 * np.random.default_rng(0).normal(size=(50, 2))
    assert VarianceFilter().fit(X).support_.all()
