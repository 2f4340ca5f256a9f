"""Decision curves: whether acting on a model is worth more than biopsying everyone or no one.

Source: Vickers & Elkin, Med Decis Making 2006;26:565; Vickers et al., Diagn Progn Res 2019;3:18.
"""

from __future__ import annotations

from spl_kedro.modeling.evaluation.checks import Array


def net_benefit(label: Array, score: Array, thresholds: Array, weights: Array) -> Array:
    """Return the net benefit TP/n - FP/n * t/(1 - t) of acting at or above each threshold.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,) in [0, 1]
    thresholds : (t,) in (0, 1)
        Probability of malignancy above which one would biopsy.
    weights : (b, n)
        How often each lesion counts.

    Returns
    -------
    (b, t) array
        True positives per lesion, net of false ones.
    """
    acted = (score[:, None] >= thresholds).astype(float)
    true_positive = weights @ (acted * label[:, None])
    false_positive = weights @ (acted * (1 - label[:, None]))
    odds = thresholds / (1 - thresholds)
    return (true_positive - false_positive * odds) / weights.sum(axis=1, keepdims=True)


def interventions_avoided(benefit: Array, benefit_all: Array, thresholds: Array) -> Array:
    """Return the biopsies avoided per 100 lesions, with no malignant lesion more left unbiopsied.

    Parameters
    ----------
    benefit : (..., t)
        Net benefit of the model.
    benefit_all : (..., t)
        Net benefit of biopsying everyone.
    thresholds : (t,) in (0, 1)

    Returns
    -------
    (..., t) array
        Negative where biopsying everyone is better.
    """
    return 100 * (benefit - benefit_all) * (1 - thresholds) / thresholds
