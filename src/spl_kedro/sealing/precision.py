"""How precisely an AUC will be known in so many lesions, said before it is measured."""

from __future__ import annotations

from math import sqrt

#: AUCs for which the plan says how precisely they will be known.
ASSUMED = (0.7, 0.8, 0.9)


def auc_standard_error(auc: float, malignant: float, benign: float) -> float:
    """Return the standard error of an AUC that is expected.

    Hanley & McNeil, Radiology 1982;143:29, formula 1: scores as if exponential in both classes;
    one lesion a patient.

    Parameters
    ----------
    auc : float in (0, 1)
    malignant, benign : float
        Lesions of each class, more than 0.

    Examples
    --------
    >>> round(auc_standard_error(0.8, 50, 50), 4)
    0.0445
    """
    both_malignant = auc / (2 - auc)
    both_benign = 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (malignant - 1) * (both_malignant - auc**2)
        + (benign - 1) * (both_benign - auc**2)
    )
    return sqrt(variance / (malignant * benign))


def expected_widths(lesions: int, share_malignant: float) -> dict[str, float]:
    """Return the expected width of the 95 % interval of each assumed AUC.

    Parameters
    ----------
    lesions : int
    share_malignant : float
        Of the training cohort, since that of the sealed lesions is not known.

    Returns
    -------
    dict of str to float
        Width by AUC, such as ``{"0.8": 0.17}``; empty where a class is expected to have no lesion.
    """
    malignant = lesions * share_malignant
    benign = lesions - malignant
    if min(malignant, benign) < 1:
        return {}
    return {
        f"{auc:g}": round(2 * 1.96 * auc_standard_error(auc, malignant, benign), 3)
        for auc in ASSUMED
    }
