"""Groups of pixels that are alike, fitted on pixels of a fit's training lesions, without labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.store import content_key

#: Pixels on which the silhouette is computed, which compares each with every other.
_JUDGED = 2000


@dataclass(frozen=True)
class Clustering:
    """Habitats as a fit found them.

    Attributes
    ----------
    maps : tuple of str
    mean, scale : ndarray of float64, shape (n_maps,)
        By which values are standardised, of the pixels fitted on.
    centres : ndarray of float64, shape (number, n_maps)
        Of the habitats in their order, standardised.
    shares : ndarray of float64, shape (number,)
        Of the pixels fitted on.
    pixels : int
        How many these are.
    criterion : dict of int to float
        What each number of habitats reached, where one was chosen: the silhouette or the BIC.
    mixture : GaussianMixture or None
        What decides instead of the nearest centre; its components are in `order`.
    order : ndarray of int64, shape (number,)
        Component of the mixture that is each habitat.
    """

    maps: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    centres: np.ndarray
    shares: np.ndarray
    pixels: int
    criterion: dict[int, float] = field(default_factory=dict)
    mixture: Any = None
    order: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def number(self) -> int:
        """Habitats there are."""
        return len(self.centres)

    def original_centres(self) -> np.ndarray:
        """Return the centres in the units of the maps, shape (number, n_maps)."""
        return self.centres * self.scale + self.mean

    def assign(self, values: np.ndarray) -> np.ndarray:
        """Say to which habitat pixels belong.

        Parameters
        ----------
        values : ndarray of float64, shape (n_maps, n)

        Returns
        -------
        ndarray of int64, shape (n,)
            From 0; -1 where a map has no value.
        """
        known = np.isfinite(values).all(axis=0)
        standard = (values[:, known].T - self.mean) / self.scale
        found = np.full(values.shape[1], -1, dtype=np.int64)
        if not len(standard):
            return found
        if self.mixture is None:
            found[known] = _nearest(standard, self.centres)
        else:
            place = np.empty_like(self.order)
            place[self.order] = np.arange(len(self.order))
            found[known] = place[self.mixture.predict(standard)]
        return found

    def key(self) -> str:
        """Return a key that changes with anything that decides where a pixel belongs."""
        parts = [self.mean, self.scale, self.centres]
        if self.mixture is not None:
            parts += [self.mixture.weights_, self.mixture.precisions_cholesky_, self.order]
        return content_key(list(self.maps), *parts)


def fit_clustering(samples: np.ndarray, parameters: HabitatParameters) -> Clustering:
    """Group pixels, and number the groups.

    Parameters
    ----------
    samples : ndarray of float64, shape (n, n_maps)
        Pixels drawn from the training lesions of one fit.
    parameters : HabitatParameters

    Returns
    -------
    Clustering
        Habitats in increasing order of the mean of ``order_by``.

    Raises
    ------
    UnusableStudyError
        When there are fewer different pixels than habitats.
    """
    mean, scale = samples.mean(axis=0), samples.std(axis=0)
    # A map that is the same everywhere groups nothing.
    scale = np.where(scale > 0, scale, 1.0)
    standard = (samples - mean) / scale
    numbers = (parameters.number,) if parameters.number else parameters.candidates
    if len(np.unique(standard, axis=0)) <= max(numbers):
        raise UnusableStudyError(
            "pixels to group into habitats",
            f"the training lesions of a fit have {len(standard)} pixels with all maps, hardly more "
            f"than {max(numbers)} different ones.",
            "Lower habitats.number, or raise habitats.pixels_per_lesion.",
        )
    fitted = {number: _fit(standard, number, parameters) for number in numbers}
    criterion = {}
    if parameters.number is None:
        criterion = {
            number: _judge(model, standard, parameters) for number, model in fitted.items()
        }
    best = max(criterion, key=criterion.__getitem__) if criterion else numbers[0]
    model = fitted[best]
    kmeans = parameters.method == "kmeans"
    centres = model.cluster_centers_ if kmeans else model.means_
    order = np.argsort(centres[:, parameters.features.index(parameters.order_by)], kind="stable")
    found = Clustering(
        parameters.features,
        mean,
        scale,
        centres[order],
        np.empty(0),
        len(samples),
        {n: value if kmeans else -value for n, value in criterion.items()},
        None if kmeans else model,
        order if not kmeans else np.empty(0, np.int64),
    )
    counts = np.bincount(found.assign(samples.T), minlength=best)
    return Clustering(**{**vars(found), "shares": counts / len(samples)})


def _fit(standard: np.ndarray, number: int, parameters: HabitatParameters) -> Any:
    from sklearn.cluster import KMeans
    from sklearn.mixture import GaussianMixture

    if parameters.method == "kmeans":
        return KMeans(number, n_init=parameters.starts, random_state=parameters.seed).fit(standard)
    return GaussianMixture(
        number, n_init=parameters.starts, random_state=parameters.seed, reg_covar=1e-4
    ).fit(standard)


def _judge(model: Any, standard: np.ndarray, parameters: HabitatParameters) -> float:
    """Return the criterion by which a number of habitats is chosen, larger is better."""
    if parameters.method != "kmeans":
        return -float(model.bic(standard))
    from sklearn.metrics import silhouette_score

    size = min(_JUDGED, len(standard))
    return float(
        silhouette_score(standard, model.labels_, sample_size=size, random_state=parameters.seed)
    )


def _nearest(standard: np.ndarray, centres: np.ndarray) -> np.ndarray:
    distances = [((standard - centre) ** 2).sum(axis=1) for centre in centres]
    return np.argmin(distances, axis=0)
