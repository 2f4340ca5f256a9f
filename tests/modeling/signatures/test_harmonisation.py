import logging

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.harmonisation import SiteHarmonizer

NEUROCOMBAT = [
    [0.0832036, 1.2763348, -0.1452597, 1.6952185],
    [-0.0489583, -0.7461118, 1.0501134, -0.6056727],
    [-0.3246443, -0.2088077, 0.4975880, 0.3472356],
    [-0.0354175, 1.0913920, -0.3284595, 0.3602438],
]


def two_sites(n=(60, 40), n_features=50, seed=0):
    """Return features of two sites, the second shifted and scaled, on very different scales."""
    rng = np.random.default_rng(seed)
    site = np.repeat(["A", "B"], n)
    X = rng.normal(size=(sum(n), n_features))
    second = site == "B"
    X[second] = X[second] * rng.uniform(0.5, 3, n_features) + rng.normal(0, 2, n_features)
    X = X * np.logspace(-6, 6, n_features) + np.logspace(-6, 6, n_features)
    return pd.DataFrame(X, columns=[f"f{i:02d}" for i in range(n_features)]), site


def johnsons_combat(X, site):
    """Return parametric ComBat as in Johnson et al. 2007, equations 2.1 to 3.1, feature by feature.

    Independent of the library: the posterior conditional modes are found by plain iteration.
    """
    sites, n_features = np.unique(site), X.shape[1]
    mean = X.mean(axis=0)
    resid = X - np.stack([X[site == s].mean(axis=0) for s in sites])[np.searchsorted(sites, site)]
    sigma = np.sqrt((resid**2).mean(axis=0))
    Z = (X - mean) / sigma
    adjusted = np.empty_like(X)
    for s in sites:
        own = Z[site == s]
        n, gamma, delta = len(own), own.mean(axis=0), own.var(axis=0, ddof=1)
        gamma_bar, tau2 = gamma.mean(), gamma.var(ddof=1)
        v, s2 = delta.mean(), delta.var(ddof=1)
        lam, theta = v**2 / s2 + 2, v**3 / s2 + v
        for g in range(n_features):
            mode, spread = gamma[g], delta[g]
            for _ in range(500):
                mode = (n * tau2 * gamma[g] + spread * gamma_bar) / (n * tau2 + spread)
                spread = (theta + 0.5 * ((own[:, g] - mode) ** 2).sum()) / (n / 2 + lam - 1)
            z = (own[:, g] - mode) / np.sqrt(spread)
            adjusted[site == s, g] = z * sigma[g] + mean[g]
    return adjusted


def test_it_equals_johnsons_equations_on_features_of_any_scale():
    X, site = two_sites()
    ours = SiteHarmonizer().fit_transform(X, site=site)
    expected = johnsons_combat(X.to_numpy(), site)
    scale = X.to_numpy().std(axis=0)
    np.testing.assert_allclose(ours / scale, expected / scale, atol=1e-7)


def test_it_gives_the_values_of_neurocombat():
    # Printed by neuroCombat 0.2.12, the Python reference of Fortin et al. 2018, on these values.
    i, j = np.mgrid[0:24, 0:4]
    X = np.sin(1.7 * i + 0.9 * j**2) + (i >= 14) * (0.5 * j + np.cos(2.3 * i * (j + 1)))
    site = np.repeat(["A", "B"], [14, 10])
    ours = SiteHarmonizer().fit_transform(X, site=site)
    np.testing.assert_allclose(ours[[0, 13, 14, 23]], NEUROCOMBAT, atol=2e-6)


def test_it_removes_what_sites_differ_by_and_leaves_what_patients_differ_by():
    X, site = two_sites(n=(300, 300))
    ours = pd.DataFrame(SiteHarmonizer().fit_transform(X, site=site))
    spread = ours.std()
    means, spreads = ours.groupby(site).mean(), ours.groupby(site).std()
    assert (abs(means.loc["A"] - means.loc["B"]) / spread).max() < 0.05
    assert (spreads.loc["B"] / spreads.loc["A"]).between(0.9, 1.1).all()
    for name in ("A", "B"):
        rows = site == name
        for before, after in zip(X[rows].to_numpy().T, ours[rows].to_numpy().T, strict=True):
            assert np.corrcoef(before, after)[0, 1] == pytest.approx(1)


def test_a_lesion_is_mapped_the_same_whatever_table_it_comes_in():
    X, site = two_sites()
    fitted = SiteHarmonizer().fit(X, site=site)
    together = fitted.transform(X, site)
    np.testing.assert_array_equal(fitted.transform(X.iloc[[70]], site[[70]]), together[[70]])


def test_lesions_left_out_of_the_fit_have_no_part_in_it():
    X, site = two_sites()
    train = np.arange(len(X)) % 3 > 0
    changed = X.copy()
    changed.loc[~train] *= 100
    one = SiteHarmonizer().fit(X[train], site=site[train])
    two = SiteHarmonizer().fit(changed[train], site=site[train])
    np.testing.assert_array_equal(one.transform(X, site), two.transform(X, site))


def test_one_site_has_nothing_to_be_compared_with_and_stays_as_it_is():
    X, _ = two_sites()
    for site in (None, ["A"] * len(X)):
        np.testing.assert_array_equal(SiteHarmonizer().fit_transform(X, site=site), X)


def test_unseen_and_tiny_sites_are_left_as_they_are_and_said(caplog):
    X, site = two_sites()
    site = site.astype(object)
    site[:4] = "tiny"
    fitted = SiteHarmonizer(min_lesions=5).fit(X, site=site)
    assert fitted.sites_ == ["A", "B"]
    with caplog.at_level(logging.WARNING):
        mapped = fitted.transform(X.head(6), ["tiny", "tiny", "new", "A", "A", "B"])
    np.testing.assert_array_equal(mapped[:3], X.head(3))
    assert "3 lesions of sites that harmonisation does not know" in caplog.text
    assert "new, tiny" in caplog.text


def test_a_new_site_learnt_from_its_own_lesions_gets_the_training_lesions_moments():
    X, site = two_sites(n=(80, 60))
    fitted = SiteHarmonizer().fit(X[site == "A"], site=site[site == "A"])
    assert fitted.learn_sites(X, site) == ["B"]
    mapped = fitted.transform(X, site)
    np.testing.assert_array_equal(mapped[site == "A"], X[site == "A"])
    known, new = mapped[site == "A"], mapped[site == "B"]
    np.testing.assert_allclose(new.mean(axis=0), known.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(new.std(axis=0), known.std(axis=0), rtol=1e-9)
    assert fitted.learn_sites(X * 2, site) == [], "a site is learnt once"


def test_a_site_of_few_lesions_is_not_learnt():
    X, site = two_sites()
    fitted = SiteHarmonizer().fit(X, site=site)
    assert fitted.learn_sites(X.head(9), ["C"] * 9) == []


def test_constant_features_stay_constant():
    X, site = two_sites()
    X["f00"] = 3.0
    mapped = SiteHarmonizer().fit_transform(X, site=site)
    np.testing.assert_array_equal(mapped[:, 0], 3.0)
    assert np.isfinite(mapped).all()


def test_a_missing_site_is_refused_with_a_remedy():
    X, site = two_sites()
    with pytest.raises(ValueError, match="The site of 1 lesions is missing"):
        SiteHarmonizer().fit(X, site=[None, *site[1:]])
    with pytest.raises(ValueError, match="3 sites were given for 100 lesions"):
        SiteHarmonizer().fit(X, site=["A"] * 3)
