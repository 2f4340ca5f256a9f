"""What a second model changes in single lesions: NRI and IDI.

Source: Pencina et al., Stat Med 2008;27:157 (NRI, IDI); Pencina, D'Agostino & Steyerberg, Stat Med
2011;30:11 (category-free NRI). Intervals come from the bootstrap, not from the normal test, which
is known to be wrong for nested models (Kerr et al., Epidemiology 2014;25:114).
"""

from __future__ import annotations

import numpy as np

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.operating_point import ratio
from spl_kedro.modeling.evaluation.sums import weighted_sum


def class_means(label: Array, values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the weighted mean of a quantity among malignant and among benign lesions.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    values : (n,)
    weights : (..., n)

    Returns
    -------
    (malignant, benign) : arrays of the leading shape of weights
    """
    return (
        ratio(weighted_sum(weights, label * values), weights @ label),
        ratio(weighted_sum(weights, (1 - label) * values), weights @ (1 - label)),
    )


def net_reclassification(
    label: Array, old: Array, new: Array, weights: Array
) -> tuple[Array, Array]:
    """Return the two parts of the NRI; the NRI is their sum.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    old, new : (n,)
        Risk category of each lesion by either model for the categorical NRI, or the probability
        itself for the category-free one.
    weights : (..., n)

    Returns
    -------
    (malignant, benign) : arrays in [-1, 1]
        Net share of malignant lesions moved up, and of benign ones moved down.
    """
    up, down = class_means(label, np.sign(new - old), weights)
    return up, -down


def integrated_discrimination(label: Array, old: Array, new: Array, weights: Array) -> Array:
    """Return the IDI: gain of the new model in mean risk difference between the classes.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    old, new : (n,) in [0, 1]
    weights : (..., n)

    Returns
    -------
    (...,) array in [-2, 2]
    """
    malignant, benign = class_means(label, new - old, weights)
    return malignant - benign
