"""Which diagnoses a score cannot rule out: conformal prediction with a stated coverage.

Class-conditional (Mondrian) inductive conformal prediction (Vovk, Gammerman and Shafer,
*Algorithmic Learning in a Random World*, 2005; Angelopoulos and Bates, FnT Machine Learning
2023): a diagnosis stays in a lesion's set unless its score is less typical than those of all but
a share ``alpha`` of the calibration lesions with that diagnosis. If the lesions are exchangeable
with the calibration lesions, the true diagnosis is in the set with probability at least
``1 - alpha``, for benign and malignant lesions separately.

Calibration uses the cross-fitted scores of the training lesions, so no lesion is set aside. Where
they were cross-fitted several times, a p-value is the mean over the repeats: each repeat's scores
are those of single models, as the new lesion's is; their mean scores would be less spread. The
scored model is fitted on all of them, a little more data than each fold's model, hence the
guarantee is approximate and is checked on the validation cohort (:func:`coverage_table`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import betabinom


def conformal_p_values(calibration: pd.DataFrame, scores: np.ndarray) -> np.ndarray:
    """Return how ordinary each score would be for a benign and for a malignant lesion.

    Parameters
    ----------
    calibration : DataFrame
        Index lesion_id; columns ``label`` (0 or 1) and ``score`` (probability of malignancy)
        of lesions that the scoring model did not train on; one row per repeat.
    scores : ndarray of float, shape (n_lesions,)
        Probabilities of malignancy.

    Returns
    -------
    ndarray of float, shape (n_lesions, 2)
        Conformal p-values for benign and malignant, in (0, 1]; of repeated scores their mean
        over the repeats.

    Raises
    ------
    ValueError
        If a class is missing from the calibration lesions.
    """
    scores = np.asarray(scores, dtype=float)
    p_values = np.empty((len(scores), 2))
    # With as many scores of every lesion, pooling the repeats gives the mean of their p-values.
    repeats = len(calibration) / max(1, calibration.index.nunique())
    for label in (0, 1):
        known = calibration.loc[calibration["label"] == label, "score"].to_numpy(dtype=float)
        if len(known) == 0:
            raise ValueError(
                f"no calibration lesion has label {label}: conformal prediction needs "
                "cross-fitted scores of both classes"
            )
        # Strangeness is the probability given to the other class.
        strangeness = np.sort(known if label == 0 else 1 - known)
        observed = scores if label == 0 else 1 - scores
        as_strange = len(known) - np.searchsorted(strangeness, observed, side="left")
        p_values[:, label] = (as_strange + repeats) / (len(known) + repeats)
    return p_values


def conformal_table(
    calibration: pd.DataFrame, lesions: pd.DataFrame, *, alpha: float = 0.1
) -> pd.DataFrame:
    """Return each lesion's set of diagnoses at coverage ``1 - alpha``.

    Parameters
    ----------
    calibration : DataFrame
        Index lesion_id; cross-fitted ``label`` and ``score`` of the training lesions.
    lesions : DataFrame
        Index ``lesion_id``; columns ``cohort``, ``label`` and ``score``.
    alpha : float
        Accepted share of misses, between 0 and 1.

    Returns
    -------
    DataFrame
        Index ``lesion_id``; ``cohort``, ``label``, ``score``, ``p_benign``, ``p_malignant``,
        ``diagnoses`` (``benign``, ``malignant``, ``either`` or ``neither``), ``covered`` (the
        true diagnosis is in the set) and ``stated_coverage``.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1")
    p_values = conformal_p_values(calibration, lesions["score"].to_numpy())
    kept = p_values > alpha
    diagnoses = np.select(
        [kept.all(axis=1), kept[:, 0], kept[:, 1]], ["either", "benign", "malignant"], "neither"
    )
    label = lesions["label"].to_numpy(dtype=int)
    return pd.DataFrame(
        {
            "cohort": lesions["cohort"].astype("str"),
            "label": label,
            "score": lesions["score"].to_numpy(dtype=float),
            "p_benign": p_values[:, 0],
            "p_malignant": p_values[:, 1],
            "diagnoses": diagnoses,
            "covered": kept[np.arange(len(label)), label],
            "stated_coverage": 1 - alpha,
        },
        index=lesions.index.rename("lesion_id"),
    )


def coverage_table(
    table: pd.DataFrame, calibration: pd.DataFrame, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Compare the coverage reached with the coverage stated, by cohort and diagnosis.

    Parameters
    ----------
    table : DataFrame
        From :func:`conformal_table`.
    calibration : DataFrame
        The calibration lesions it was made from.
    confidence : float
        Probability of the range expected.

    Returns
    -------
    DataFrame
        One row per cohort and diagnosis: ``n``, ``covered``, ``coverage``, ``stated``,
        ``expected_low`` and ``expected_high`` (central range of the coverage of exchangeable
        lesions), ``within`` (the coverage lies in it), the share of sets that name one
        diagnosis, either, or neither, and ``confidence``. Empty without lesions to check.

    Notes
    -----
    With ``n`` calibration and ``m`` new exchangeable lesions of a class, the number covered is
    beta-binomial with parameters ``n + 1 - l`` and ``l``, where ``l = floor(alpha (n + 1))``
    (Vovk, 2012), wider than the binomial because the calibration lesions are a sample too.
    """
    if table.empty:
        return pd.DataFrame()
    alpha = 1 - float(table["stated_coverage"].iloc[0])
    # Repeats are no further lesions: they make the scores smoother, not more.
    counts = calibration.loc[~calibration.index.duplicated(), "label"].value_counts()
    rows = []
    for cohort, part in table.groupby("cohort", sort=True):
        for label, name in ((0, "benign"), (1, "malignant")):
            lesions = part[part["label"] == label]
            if lesions.empty:
                continue
            n, covered = len(lesions), int(lesions["covered"].sum())
            low, high = expected_coverage(int(counts[label]), n, alpha, confidence)
            rows.append(
                {
                    "cohort": cohort,
                    "diagnosis": name,
                    "n": n,
                    "covered": covered,
                    "coverage": covered / n,
                    "stated": 1 - alpha,
                    "expected_low": low,
                    "expected_high": high,
                    "within": bool(low <= covered / n <= high),
                    "one_diagnosis": float(
                        lesions["diagnoses"].isin(["benign", "malignant"]).mean()
                    ),
                    "either": float((lesions["diagnoses"] == "either").mean()),
                    "neither": float((lesions["diagnoses"] == "neither").mean()),
                    "confidence": confidence,
                }
            )
    return pd.DataFrame(rows)


def expected_coverage(
    n_calibration: int, n_new: int, alpha: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the central range of the coverage of `n_new` exchangeable lesions.

    Parameters
    ----------
    n_calibration, n_new : int
        Lesions of the class used for calibration, and lesions checked.
    alpha : float
        Accepted share of misses.
    confidence : float
        Probability of the range.

    Returns
    -------
    tuple of float
        Lowest and highest coverage within it.
    """
    missed = int(np.floor(alpha * (n_calibration + 1) + 1e-9))
    if missed == 0:
        # Too few calibration lesions to exclude anything: every set holds this diagnosis.
        return 1.0, 1.0
    covered = betabinom(n_new, n_calibration + 1 - missed, missed)
    low, high = covered.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low) / n_new, float(high) / n_new
