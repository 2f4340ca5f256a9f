import numpy as np
import pytest
from sklearn.linear_model import LassoCV
from sklearn.preprocessing import StandardScaler

from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.selection import LassoSelector, lasso


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = np.arange(150) % 2
    X = rng.normal(size=(150, 25)) * np.logspace(-4, 4, 25)
    X[:, 3] += 1.2 * y * 1e-3
    X[:, 20] += 1.2 * y * 4e2
    return X, y


def test_the_penalty_is_that_of_scikit_learn_on_the_same_folds(data):
    X, y = data
    step = LassoSelector(cv=5).fit(X, y)
    outside = LassoCV(
        alphas=np.logspace(-3, 0, 50), cv=stratified_splits(y, None, 5, 0), tol=1e-6
    ).fit(StandardScaler().fit_transform(X), y)
    assert step.alpha_ == pytest.approx(outside.alpha_)
    np.testing.assert_allclose(step.coef_, outside.coef_, atol=2e-3)


@pytest.mark.parametrize("seed", range(12, 24))
def test_ending_the_path_early_changes_no_penalty(seed):
    # Fault: a path that ends at the error's first rise, which some of these have before it falls.
    rng = np.random.default_rng(seed)
    y = (np.arange(120) % 5 < 3).astype(int)
    X = rng.normal(size=(120, 80)) + rng.normal(size=(120, 1))
    X[:, : seed % 6 * 3] += 0.3 * y[:, None]
    splits = stratified_splits(y, None, 10, 0)
    whole = LassoCV(alphas=np.logspace(-3, 0, 50), cv=splits, tol=1e-3, max_iter=2000).fit(
        StandardScaler().fit_transform(X), y
    )
    assert LassoSelector().fit(X, y).alpha_ == pytest.approx(whole.alpha_, rel=1e-12)


def test_informative_features_are_kept_whatever_their_unit(data):
    step = LassoSelector(cv=5).fit(*data)
    assert step.support_[[3, 20]].all()
    assert step.support_.sum() < 25


def test_one_standard_error_takes_a_stronger_penalty_and_fewer_features(data):
    X, y = data
    X[:, 5:15] += 0.4 * y[:, None] * X[:, 5:15].std(axis=0)
    best = LassoSelector(cv=5).fit(X, y)
    sparse = LassoSelector(cv=5, one_standard_error=True).fit(X, y)
    assert sparse.alpha_ > best.alpha_
    assert sparse.support_.sum() < best.support_.sum()


def test_pure_noise_may_leave_nothing():
    X = np.random.default_rng(3).normal(size=(60, 5))
    step = LassoSelector(log10_alpha_min=-0.5, cv=3).fit(X, np.arange(60) % 2)
    assert not step.support_.any()
    assert len(step.dropped_) == 5


def test_a_class_of_one_lesion_takes_the_middle_penalty():
    X = np.random.default_rng(3).normal(size=(9, 3))
    step = LassoSelector(n_alphas=3).fit(X, np.array([1] + [0] * 8))
    assert step.alpha_ == pytest.approx(10**-1.5)


def test_the_same_seed_selects_the_same_features(data):
    one, two = (LassoSelector(cv=5, random_state=7).fit(*data) for _ in range(2))
    np.testing.assert_array_equal(one.coef_, two.coef_)


def test_features_too_many_for_a_gram_matrix_are_selected_alike(data, monkeypatch):
    with_gram = LassoSelector(cv=5).fit(*data)
    monkeypatch.setattr(lasso, "_LARGEST_GRAM", 3)
    without = LassoSelector(cv=5).fit(*data)
    assert without.alpha_ == with_gram.alpha_
    np.testing.assert_array_equal(without.support_, with_gram.support_)
