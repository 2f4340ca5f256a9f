import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.selection import CorrelationFilter, MinimumRedundancySelector


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    strong = rng.normal(size=200) + 2 * y
    X = pd.DataFrame(
        {
            "copy": strong + 0.3 * rng.normal(size=200),
            "strong": strong,
            "monotone": np.exp(strong),
            "noise": rng.normal(size=200),
        }
    )
    return X, y


def test_of_correlated_features_the_one_closest_to_the_label_is_kept(data):
    X, y = data
    step = CorrelationFilter(method="pearson").fit(X, y)
    assert "strong" in step.get_feature_names_out()
    assert step.kept_instead_["copy"] == "strong"
    assert step.dropped_.set_index("feature").loc["copy", "statistic"] == pytest.approx(
        abs(np.corrcoef(X["copy"], X["strong"])[0, 1])
    )


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_no_two_kept_features_correlate_above_the_threshold(method):
    rng = np.random.default_rng(2)
    y = np.arange(100) % 2
    X = pd.DataFrame(rng.normal(size=(100, 3)) @ rng.normal(size=(3, 60)))
    step = CorrelationFilter(0.8, method).fit(X.to_numpy(), y)
    r = X.loc[:, step.support_].corr(method).abs().to_numpy()
    assert (r[~np.eye(len(r), dtype=bool)] <= 0.8).all()
    dropped = X.loc[:, ~step.support_]
    assert dropped.shape[1] > 0
    for name in dropped:
        assert X.loc[:, step.support_].corrwith(X[name], method=method).abs().max() > 0.8


def test_rank_correlation_sees_through_a_monotone_transform(data):
    X, y = data
    kept = CorrelationFilter(0.99, "spearman").fit(X, y).get_feature_names_out()
    assert ("monotone" in kept) != ("strong" in kept)


def test_constant_features_correlate_with_nothing():
    X = np.column_stack([np.ones(20), np.full(20, 2.0), np.arange(20.0)])
    assert CorrelationFilter().fit(X, np.arange(20) % 2).support_.all()


def test_mrmr_prefers_a_weaker_new_feature_to_a_copy():
    rng = np.random.default_rng(0)
    y = np.arange(400) % 2
    a = rng.normal(size=400) + 1.5 * y
    X = pd.DataFrame({"a": a, "copy": a + 0.05 * rng.normal(size=400)})
    X["other"] = rng.normal(size=400) + 0.7 * y
    X["noise"] = rng.normal(size=400)
    step = MinimumRedundancySelector(n_features=2).fit(X, y)
    assert step.support_[2]
    assert step.support_[:2].sum() == 1
    assert set(step.dropped_["reason"]) == {"not among the 2 of mRMR"}


def test_an_unknown_correlation_is_refused(data):
    with pytest.raises(ValueError, match="neither 'pearson' nor 'spearman'"):
        CorrelationFilter(method="kendall").fit(*data)
