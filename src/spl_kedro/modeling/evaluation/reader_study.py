"""A reader study in tables: every reader's AUC, the modalities compared, and what moved.

The accuracies are AUCs, or the shares called rightly at a cut; what compares them is the same
analysis (`spl_kedro.modeling.evaluation.mrmc`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.curves import mean_roc_points
from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.evaluation.mrmc import (
    Estimate,
    compare_modalities,
    estimate,
    mean_accuracy,
    variance_components,
)
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.reader_accuracy import (
    PARTS,
    CrossedScores,
    crossed_scores,
    reader_areas,
    reader_shares,
)
from spl_kedro.modeling.evaluation.reader_settings import ReaderComparisonSettings

#: Stands for the reader where a row is about their mean.
ALL_READERS = "all readers"
RANDOM, FIXED = "random readers", "these readers"


def reader_performance_table(
    readings: pd.DataFrame, settings: ReaderComparisonSettings
) -> pd.DataFrame:
    """Return the AUC of every reader with every modality, and the mean over readers.

    Parameters
    ----------
    readings : DataFrame
        See `crossed_scores`.
    settings : ReaderComparisonSettings

    Returns
    -------
    DataFrame
        One row per (reader, modality): auc, low, high, method, n, events, confidence. A mean has
        two rows, for readers like these and for these very readers; its interval, like that of a
        single reader, ends at 0 and 1.
    """
    study = crossed_scores(readings)
    auc, covariance = reader_areas(study.label, study.scores, study.patient)
    rows: list[dict[str, object]] = []
    for i, modality in enumerate(study.modalities):
        for j, reader in enumerate(study.readers):
            found = auc_interval(
                study.label, study.scores[i, j], settings.confidence, study.patient
            )
            rows.append(
                {"reader": reader, "modality": modality, "auc": found.auc, "low": found.low}
                | {"high": found.high, "method": found.method}
            )
        for fixed in (False, True):
            mean = mean_accuracy(
                auc[i], covariance[i, :, i], settings.confidence, fixed_readers=fixed
            )
            low, high = np.clip([mean.low, mean.high], 0, 1)
            rows.append(
                {"reader": ALL_READERS, "modality": modality, "auc": mean.value, "low": low}
                | {"high": high, "method": FIXED if fixed else RANDOM}
            )
    return _described(pd.DataFrame(rows), study, settings)


def reader_comparison_table(
    readings: pd.DataFrame, settings: ReaderComparisonSettings
) -> pd.DataFrame:
    """Return the difference in AUC of every two modalities, by reader and averaged over readers.

    Parameters
    ----------
    readings, settings
        As for `reader_performance_table`.

    Returns
    -------
    DataFrame
        One row per pair of modalities and reader, for the mean two (`method`, see
        `reader_performance_table`): auc_a, auc_b, difference (b minus a), standard_error, low,
        high, df, statistic, p, p_holm (over the pairs, within a reader and method), n, events,
        confidence.
    """
    study = crossed_scores(readings)
    auc, covariance = reader_areas(study.label, study.scores, study.patient)
    rows = []
    for a, b in combinations(range(len(study.modalities)), 2):
        for reader, method, found, first, second in _differences(
            study, auc, covariance, (a, b), settings.confidence
        ):
            rows.append(
                {"modality_a": study.modalities[a], "modality_b": study.modalities[b]}
                | {"reader": reader, "method": method, "auc_a": first, "auc_b": second}
                | {"difference": found.value, "standard_error": found.standard_error}
                | {"low": found.low, "high": found.high, "df": found.df}
                | {"statistic": found.statistic, "p": found.p}
            )
    table = pd.DataFrame(rows)
    table["p_holm"] = table.groupby(["reader", "method"])["p"].transform(holm)
    return _described(table, study, settings)


def reader_variance_table(
    readings: pd.DataFrame, settings: ReaderComparisonSettings
) -> pd.DataFrame:
    """Return what makes the AUCs vary, for every two modalities.

    Parameters
    ----------
    readings, settings
        As for `reader_performance_table`.

    Returns
    -------
    DataFrame
        One row per pair of modalities and component of
        `spl_kedro.modeling.evaluation.mrmc.VarianceComponents`: value (may be negative), and for
        the covariances correlation, their share of the error variance; n, events.
    """
    study = crossed_scores(readings)
    auc, covariance = reader_areas(study.label, study.scores, study.patient)
    rows = []
    for a, b in combinations(range(len(study.modalities)), 2):
        pair = np.ix_((a, b), range(len(study.readers)))
        components = variance_components(auc[pair], _of_pair(covariance, (a, b)))
        for name, value in components._asdict().items():
            share = value / components.error if name.startswith("cov") else np.nan
            rows.append(
                {"modality_a": study.modalities[a], "modality_b": study.modalities[b]}
                | {"component": name, "value": value, "correlation": share}
            )
    return _described(pd.DataFrame(rows), study, settings).drop(columns="confidence")


def reader_reclassification_table(
    readings: pd.DataFrame, settings: ReaderComparisonSettings
) -> pd.DataFrame:
    """Return which lesions a modality moves over the cut, and what is gained by it.

    Parameters
    ----------
    readings, settings
        As for `reader_performance_table`.

    Returns
    -------
    DataFrame
        One row per pair of modalities, reader and part of the lesions (`PARTS`), for the mean two
        (`method`): moved_up and moved_down (lesions; of the mean, per reader), right_a and right_b
        (the share called rightly; of both classes the sum), net (b minus a: the net share that
        moved to the right side, the NRI of both classes), low, high, p, cut, n (of the part),
        events, confidence.
    """
    study = crossed_scores(readings)
    calls = study.scores >= settings.cut
    rows = []
    for part in PARTS:
        share, covariance = reader_shares(study.label, calls, part, study.patient)
        members = (
            np.ones(study.label.size, dtype=bool)
            if part == "both"
            else study.label == (part == "malignant")
        )
        for a, b in combinations(range(len(study.modalities)), 2):
            up = (~calls[a] & calls[b])[:, members].sum(axis=1)
            down = (calls[a] & ~calls[b])[:, members].sum(axis=1)
            moved = dict(zip(study.readers, zip(up, down, strict=True), strict=True))
            for reader, method, found, first, second in _differences(
                study, share, covariance, (a, b), settings.confidence
            ):
                ups, downs = moved.get(reader, (up.mean(), down.mean()))
                rows.append(
                    {"modality_a": study.modalities[a], "modality_b": study.modalities[b]}
                    | {"reader": reader, "method": method, "part": part}
                    | {"moved_up": float(ups), "moved_down": float(downs)}
                    | {"right_a": first, "right_b": second, "net": found.value}
                    | {"low": found.low, "high": found.high, "p": found.p}
                    | {"cut": settings.cut, "n": int(members.sum())}
                )
    table = pd.DataFrame(rows)
    return table.assign(events=int(study.label.sum()), confidence=settings.confidence)


def reader_roc_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Return the empirical ROC curve of every reader with every modality, and the mean curve.

    Parameters
    ----------
    readings : DataFrame
        See `crossed_scores`.

    Returns
    -------
    DataFrame
        Columns reader, modality, false_positive_rate, sensitivity. The mean curve is averaged at
        each 1 - specificity; its area is the mean AUC.
    """
    study = crossed_scores(readings)
    curves = []
    for i, modality in enumerate(study.modalities):
        named = [(name, study.scores[i, [j]]) for j, name in enumerate(study.readers)]
        for reader, scores in [*named, (ALL_READERS, study.scores[i])]:
            rate, sensitivity = mean_roc_points(study.label, scores)
            curve = {"false_positive_rate": rate, "sensitivity": sensitivity}
            curves.append(pd.DataFrame({"reader": reader, "modality": modality, **curve}))
    return pd.concat(curves, ignore_index=True)


def _differences(
    study: CrossedScores,
    theta: Array,
    covariance: Array,
    pair: tuple[int, int],
    confidence: float,
) -> Iterator[tuple[str, str, Estimate, float, float]]:
    """Yield reader, method, difference and both accuracies: each reader, then the mean twice."""
    both, between = theta[list(pair)], _of_pair(covariance, pair)
    for j, reader in enumerate(study.readers):
        own = between[:, j, :, j]
        variance = float(own[0, 0] + own[1, 1] - 2 * own[0, 1])
        found = estimate(float(both[1, j] - both[0, j]), variance, np.inf, confidence)
        yield reader, "this reader", found, float(both[0, j]), float(both[1, j])
    first, second = map(float, both.mean(axis=1))
    for fixed in (False, True):
        found = compare_modalities(both, between, confidence, fixed_readers=fixed)
        yield ALL_READERS, FIXED if fixed else RANDOM, found, first, second


def _of_pair(covariance: Array, pair: tuple[int, int]) -> Array:
    chosen = list(pair)
    return covariance[chosen][:, :, chosen]


def _described(
    table: pd.DataFrame, study: CrossedScores, settings: ReaderComparisonSettings
) -> pd.DataFrame:
    return table.assign(
        n=study.label.size, events=int(study.label.sum()), confidence=settings.confidence
    )
