"""How well one can tell which cohort a patient comes from: 0.5, not at all; 1, always.

The membership model of Debray et al. (J Clin Epidemiol 2015;68:279) is a regression on both
cohorts' patients. Development patients do not travel, their means and covariances do, so that here
it is the linear discriminant of these: exact where the predictors are normal with one covariance in
both cohorts, and else an approximation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from spl_kedro.deployment.case_mix import SCORE
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)

Array = NDArray[np.float64]
METHOD = "linear discriminant, pooled covariance; bootstrap over the new patients"
#: Directions with less than this share of the widest one's variance are left out.
_RANK = 1e-9


def membership_table(
    study: PackagedStudy,
    columns: pd.DataFrame,
    patients: pd.Series,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Measure how far the cohorts are apart, in all predictors together.

    The clinical terms stand for the clinical models, whose linear predictors are made of them.
    For a model that reads the image the linear predictor of its image model is added, which
    stands for the features.

    Parameters
    ----------
    study : PackagedStudy
    columns : DataFrame
        Of the cohort, from :func:`spl_kedro.deployment.case_mix.comparable_columns`.
    patients : Series
        Index lesion_id; the patient of each, drawn together.
    settings : EvaluationSettings
        Its n_bootstrap, confidence and seed.

    Returns
    -------
    DataFrame
        One row for the clinical terms alone (model empty), one with each image model's linear
        predictor: model, clinical_terms, n_development, n, distance (Mahalanobis, without the
        part that chance adds), c_statistic with low and high, confidence, method. The interval
        is that of resampled new patients, development being as it was.
    """
    present = [str(name) for name in columns]
    terms = [name for name in present if not name.startswith(SCORE)]
    image = [name for name in present if name.startswith(SCORE) and _is_image_model(study, name)]
    sets = ([("", terms)] if terms else []) + [
        (name.removeprefix(SCORE), [*terms, name]) for name in image
    ]
    rng = generator(settings.seed, "membership")
    everyone = np.zeros(len(columns))
    patient = patients.loc[columns.index].to_numpy()
    drawn = resampling_weights(everyone, patient, settings.n_bootstrap, rng)
    weights = np.vstack([everyone + 1, drawn])
    rows = []
    for model, names in sets:
        n, mean, covariance = _moments_of(study, names)
        squared, unbiased = _squared_distances(
            columns[names].to_numpy(), weights, n, mean, covariance
        )
        # Resamples scatter as the estimate does, but around a value that resampling has raised.
        spread = np.maximum(squared[1:] - squared[1:].mean() + unbiased, 0.0)
        low, high = percentile_interval(_c_statistic(spread), settings.confidence)
        rows.append(
            {
                "model": model,
                "clinical_terms": len(terms),
                "n_development": n,
                "n": len(columns),
                "distance": float(np.sqrt(max(unbiased, 0.0))),
                "c_statistic": float(_c_statistic(max(unbiased, 0.0))),
                "low": float(low),
                "high": float(high),
                "confidence": settings.confidence,
                "method": METHOD,
            }
        )
    names = ["model", "clinical_terms", "n_development", "n", "distance", "c_statistic"]
    return pd.DataFrame(rows, columns=[*names, "low", "high", "confidence", "method"])


def _is_image_model(study: PackagedStudy, column: str) -> bool:
    return bool(study.declared[column.removeprefix(SCORE)].sources)


def _moments_of(study: PackagedStudy, names: list[str]) -> tuple[int, Array, Array]:
    own = study.moments.loc[names]
    return int(own["n"].min()), own["mean"].to_numpy(), own[names].to_numpy()


def _c_statistic(squared: Any) -> Any:
    """Return the c-statistic of two normal cohorts at a squared Mahalanobis distance."""
    return norm.cdf(np.sqrt(np.asarray(squared) / 2))


def _squared_distances(
    values: Array, weights: Array, n: int, mean: Array, covariance: Array
) -> tuple[Array, float]:
    """Return squared distances under each row of weights, and the first one without its bias.

    Parameters
    ----------
    values : (n_here, p) array
    weights : (k, n_here) array
        How often each lesion counts; ones first.
    n : int
        Development lesions.
    mean, covariance : (p,) and (p, p) arrays
        Of the development lesions.

    Returns
    -------
    squared : (k,) array
    unbiased : float
        Source: Lachenbruch & Mickey, Technometrics 1968;10:1 (the estimate DS, less its expectation
        where the cohorts are alike).
    """
    scale = np.sqrt(np.diag(covariance) + values.var(axis=0, ddof=1))
    varies = scale > 0
    scaled = (values[:, varies] - mean[varies]) / scale[varies]
    known = covariance[np.ix_(varies, varies)] / np.outer(scale[varies], scale[varies])
    total = weights.sum(axis=1)
    apart = weights @ scaled / total[:, None]
    second = np.einsum("ki,ip,iq->kpq", weights, scaled, scaled, optimize=True)
    scatter = second - total[:, None, None] * apart[:, :, None] * apart[:, None, :]
    freedom = n + total - 2
    pooled = ((n - 1) * known + scatter) / freedom[:, None, None]
    inverse = np.linalg.pinv(pooled, rcond=_RANK, hermitian=True)
    squared: Array = np.einsum("kp,kpq,kq->k", apart, inverse, apart, optimize=True)
    p, here = int(np.linalg.matrix_rank(pooled[0], tol=_RANK, hermitian=True)), len(values)
    shrunk = (n + here - p - 3) / (n + here - 2)
    return squared, float(shrunk * squared[0] - p * (n + here) / (n * here))
