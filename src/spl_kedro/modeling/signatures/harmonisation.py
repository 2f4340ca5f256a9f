"""Harmonisation across sites: ComBat, fitted on training lesions, with a rule for new sites."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from spl_kedro.tabular import validated

logger = logging.getLogger(__name__)

MAX_ITERATIONS, TOLERANCE = 1000, 1e-10

#: Column of the wide table that names the site of a lesion.
SITE = "site"


def site_effect(z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one site's shift and variance of each feature, shrunk towards their common prior.

    Johnson, Li & Rabinovic 2007, section 3.2: a normal prior for the shifts, an inverse gamma
    prior for the variances, both from the moments over the site's features; the conditional
    posterior means are iterated.

    Parameters
    ----------
    z : ndarray of float, shape (n_lesions, n_features)
        The site's lesions, two or more; two or more features, standardised over all sites.

    Returns
    -------
    shift, variance : ndarray of float, shape (n_features,)
    """
    n = len(z)
    mean, spread = z.mean(axis=0), z.var(axis=0, ddof=1)
    # A spread of the priors of zero would divide by zero; it leaves nothing to shrink by.
    tau2 = max(float(mean.var(ddof=1)), 1e-12)
    v, s2 = float(spread.mean()), max(float(spread.var(ddof=1)), 1e-12)
    shape, rate = v**2 / s2 + 2, v**3 / s2 + v
    shift, variance = mean, spread
    for _ in range(MAX_ITERATIONS):
        before = shift, variance
        shift = (n * tau2 * mean + variance * mean.mean()) / (n * tau2 + variance)
        squares = (n - 1) * spread + n * (mean - shift) ** 2
        variance = (rate + 0.5 * squares) / (n / 2 + shape - 1)
        if max(np.abs(shift - before[0]).max(), np.abs(variance - before[1]).max()) < TOLERANCE:
            break
    return shift, variance


class SiteHarmonizer(TransformerMixin, BaseEstimator):
    """Remove each site's shift and scale from the features (ComBat).

    Parametric empirical Bayes without covariates (Johnson, Li & Rabinovic, Biostatistics
    2007;8:118; for images Fortin et al., NeuroImage 2018;167:104). For a site seen in
    training, ComBat is a straight line per feature; the lines are kept, so that a lesion's
    values depend on no other lesion of the table it comes in.

    The label is not protected: it is unknown where the model is used. Sites that differ in
    their share of malignant lesions lose some of what tells the classes apart.

    A site without a line of its own is left as it is, with a warning. :meth:`learn_sites`
    gives it one from its unlabelled lesions.

    Parameters
    ----------
    min_lesions : int, default=10
        Sites with fewer training lesions are treated as unseen.

    Attributes
    ----------
    sites_ : list of str
        Sites with a line, those of :meth:`learn_sites` included.
    slope_, offset_ : ndarray of float, shape (n_sites, n_features)
        Harmonised value = slope * value + offset.
    mean_, scale_ : ndarray of float, shape (n_features,)
        Mean and standard deviation of the harmonised training lesions.
    """

    def __init__(self, min_lesions: int = 10):
        self.min_lesions = min_lesions

    def fit(self, X: Any, y: Any = None, site: ArrayLike | None = None) -> SiteHarmonizer:
        """Estimate the sites' shifts and scales.

        Parameters
        ----------
        X : DataFrame or array-like of float, shape (n_lesions, n_features)
            Training lesions.
        y : ignored
        site : array-like of str, shape (n_lesions,), optional
            None when all lesions come from one site.

        Returns
        -------
        SiteHarmonizer
            The fitted transformer. With fewer than two sites of `min_lesions` there is
            nothing to compare, and their lines change nothing.
        """
        X = validated(self, X)
        sites = _names(site, len(X))
        counts = pd.Series(sites).value_counts()
        self.sites_ = sorted(str(s) for s in counts.index[counts >= self.min_lesions])
        known = np.isin(sites, self.sites_)
        self.slope_ = np.ones((len(self.sites_), X.shape[1]))
        self.offset_ = np.zeros((len(self.sites_), X.shape[1]))
        if len(self.sites_) > 1:
            self._estimate(X[known], sites[known])
        harmonised = self._apply(X[known], sites[known]) if known.any() else X
        self.mean_, self.scale_ = harmonised.mean(axis=0), harmonised.std(axis=0)
        return self

    def _estimate(self, X: NDArray[np.float64], sites: NDArray[np.str_]) -> None:
        """Set the line of each site from its shift and scale on standardised features."""
        mean = X.mean(axis=0)
        within = np.zeros_like(mean)
        for name in self.sites_:
            mine = X[sites == name]
            within += ((mine - mine.mean(axis=0)) ** 2).sum(axis=0)
        sigma = np.sqrt(within / len(X))
        # Features that do not vary within sites have no scale, and tell no patients apart.
        varies = sigma > 1e-12 * np.abs(X).max(axis=0)
        if varies.sum() < 2:
            return
        for position, name in enumerate(self.sites_):
            z = (X[sites == name][:, varies] - mean[varies]) / sigma[varies]
            shift, variance = site_effect(z)
            slope = 1 / np.sqrt(variance)
            self.slope_[position, varies] = slope
            self.offset_[position, varies] = mean[varies] - slope * (
                mean[varies] + sigma[varies] * shift
            )

    def fit_transform(
        self, X: Any, y: Any = None, site: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Fit, and return the training lesions harmonised."""
        return self.fit(X, y, site).transform(X, site)

    def learn_sites(self, X: Any, site: ArrayLike) -> list[str]:
        """Give unseen sites a line from their own lesions, without labels.

        Mean and standard deviation of each feature are brought to those of the harmonised
        training lesions. This takes a site's mix of patients for its scanner: where its
        lesions are of other kinds, differences that matter are removed with those that do not.

        Parameters
        ----------
        X : DataFrame or array-like of float, shape (n_lesions, n_features)
            Lesions of the new sites; those of known sites are not used.
        site : array-like of str, shape (n_lesions,)

        Returns
        -------
        list of str
            Sites learnt. Those with fewer than `min_lesions` are not.
        """
        check_is_fitted(self, "mean_")
        X = validated(self, X, reset=False)
        sites = _names(site, len(X))
        learnt = []
        for name in np.unique(sites):
            mine = X[sites == name]
            if name in self.sites_ or len(mine) < self.min_lesions:
                continue
            spread = mine.std(axis=0)
            slope = np.divide(self.scale_, spread, out=np.ones_like(spread), where=spread > 0)
            self.slope_ = np.vstack([self.slope_, slope])
            self.offset_ = np.vstack([self.offset_, self.mean_ - slope * mine.mean(axis=0)])
            self.sites_ = [*self.sites_, str(name)]
            learnt.append(str(name))
        if learnt:
            logger.info("Sites harmonised by their own unlabelled lesions: %s", ", ".join(learnt))
        return learnt

    def transform(self, X: Any, site: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the harmonised features.

        Parameters
        ----------
        X : DataFrame or array-like of float, shape (n_lesions, n_features)
        site : array-like of str, shape (n_lesions,), optional

        Returns
        -------
        ndarray of float, shape (n_lesions, n_features)
            Lesions of unseen sites as they were.
        """
        check_is_fitted(self, "mean_")
        X = validated(self, X, reset=False)
        sites = _names(site, len(X))
        unseen = ~np.isin(sites, self.sites_)
        if unseen.any():
            logger.warning(
                "%d lesions of sites that harmonisation does not know are left as they are: %s",
                unseen.sum(),
                ", ".join(np.unique(sites[unseen])),
            )
        return self._apply(X, sites)

    def _apply(self, X: NDArray[np.float64], sites: NDArray[np.str_]) -> NDArray[np.float64]:
        harmonised = X.copy()
        for name, slope, offset in zip(self.sites_, self.slope_, self.offset_, strict=True):
            mine = sites == name
            harmonised[mine] = slope * X[mine] + offset
        return harmonised


def _names(site: ArrayLike | None, n_lesions: int) -> NDArray[np.str_]:
    if site is None:
        return np.full(n_lesions, "")
    values = pd.Series(np.asarray(site, dtype=object))
    if len(values) != n_lesions:
        raise ValueError(f"{len(values)} sites were given for {n_lesions} lesions.")
    if values.isna().any():
        raise ValueError(
            f"The site of {int(values.isna().sum())} lesions is missing; harmonisation needs it. "
            "Fill it in, or set harmonisation to none."
        )
    return values.astype(str).to_numpy(dtype=np.str_)
