import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_rossi

from spl_kedro.survival.cox import PenalisedCox


@pytest.fixture(scope="module")
def rossi():
    table = load_rossi()
    X = table[["fin", "age", "prio"]].astype(float)
    return X, table["week"].to_numpy(dtype=float), table["arrest"].to_numpy(dtype=bool)


def test_the_coefficients_are_those_of_the_library_at_the_chosen_penalty(rossi):
    X, week, arrest = rossi
    model = PenalisedCox((0.01, 0.1), folds=3).fit(X, week, arrest)
    told = X.assign(week=week, arrest=arrest)
    expected = CoxPHFitter(penalizer=model.penalty_).fit(told, "week", "arrest")
    np.testing.assert_allclose(model.coefficients_[X.columns], expected.params_, rtol=1e-6)
    survived = expected.predict_survival_function(told, times=[20, 40]).T
    np.testing.assert_allclose(model.probability(X, np.array([20.0, 40.0])), 1 - survived)
    # Before the first event nobody has had one.
    np.testing.assert_array_equal(model.probability(X, np.array([0.5])), 0)


def test_a_larger_penalty_is_chosen_where_nothing_foretells(rossi):
    X, week, arrest = rossi
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(len(X), 8)), columns=[f"a+b:{i}" for i in range(8)])
    found = PenalisedCox((0.001, 1.0), folds=3).fit(noise, week, arrest)
    assert found.penalty_ == 1.0
    assert found.likelihoods_[1.0] > found.likelihoods_[0.001]


def test_patients_without_a_feature_that_differs_have_one_risk(rossi):
    X, week, arrest = rossi
    for empty in (X[[]], X[["fin"]] * 0):
        model = PenalisedCox((0.1,)).fit(empty, week, arrest)
        assert model.features_ == []
        assert set(model.risk(empty)) == {0.0}
        risks = model.probability(empty, np.array([30.0]))
        assert 0 < risks[0, 0] < 1
        assert np.ptp(risks) == 0
