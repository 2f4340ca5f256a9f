"""The table of distances, and the profiles that the figure draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import generator
from spl_kedro.modeling.evaluation.normal import two_sided_z
from spl_kedro.parallel import in_parallel
from spl_kedro.sceptic.realism import distances
from spl_kedro.sceptic.realism.comparisons import REFERENCES, Comparison, comparisons
from spl_kedro.sceptic.realism.measures import (
    FIELD,
    GREY,
    LESION,
    SPECTRUM,
    texture_names,
)
from spl_kedro.sceptic.realism.settings import RealismSettings
from spl_kedro.sceptic.realism.told_apart import told_apart

#: Speckle measures of an image, and what they are called.
SPECKLE = {
    "speckle_axial": "speckle size along the beam",
    "speckle_lateral": "speckle size across the beam",
    "grey_snr": "mean over SD of grey levels",
    "envelope_snr": "mean over SD of the envelope",
    "nakagami": "Nakagami's parameter",
}
PER_CENT, LEVELS, DECIBEL, DEVIATIONS, SHARE = "%", "grey levels", "dB", "SD", "share"
REGIONS = {"field": FIELD, "lesion": LESION}
CLASSES = ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
#: Columns of the table of distances.
COLUMNS = [
    "comparison", "reference", "region", "measure", "unit", "value", "low", "high", "method",
    "confidence", "first_images", "second_images", "first_median", "second_median",
]  # fmt: skip

Distance = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Measure:
    """One distance of two sets.

    Attributes
    ----------
    name, unit : str
    columns : tuple of str
        Of the table of measures; one column is passed as a vector.
    distance : callable
        See :mod:`spl_kedro.sceptic.realism.distances`.
    most : float
        Largest possible value.
    """

    name: str
    unit: str
    columns: tuple[str, ...]
    distance: Distance
    most: float = np.inf


def measures_of(region: str, table: pd.DataFrame) -> list[Measure]:
    """Return the distances of a region of the images: the field, or the outlined lesion."""
    found = []
    if region == "field":
        speckle = [*SPECKLE, *(str(name) for name in table if str(name).startswith("nakagami_"))]
        found += [Measure(name, PER_CENT, (name,), distances.relative_shift) for name in speckle]
        found += [
            Measure("grey_histogram", LEVELS, GREY, distances.grey_distance, 255),
            Measure("spectrum", DECIBEL, SPECTRUM, distances.spectral_distance),
        ]
    names = tuple(f"{REGIONS[region]}{name}" for name in texture_names())
    found.append(Measure("radiomics_energy", SHARE, names, distances.energy_coefficient, 1))
    found.append(Measure("radiomics_covered", SHARE, names, distances.share_covered, 1))
    found.append(Measure("radiomics_smd", DEVIATIONS, names, _mean_difference))
    found += [
        Measure(
            f"radiomics_smd_{group}", DEVIATIONS,
            tuple(name for name in names if f"_{group}_" in name), _mean_difference,
        )
        for group in CLASSES
    ]  # fmt: skip
    return found


def distance_table(table: pd.DataFrame, settings: RealismSettings, n_jobs: int) -> pd.DataFrame:
    """Return every distance of every comparison with its interval.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.realism.measures.measure_images`.
    settings : RealismSettings
    n_jobs : int
        Processes; the table does not depend on it.

    Returns
    -------
    DataFrame
        `COLUMNS`. Of two sets the interval is the distance plus and minus z bootstrap standard
        errors over images, cut at what is possible (`method` "bootstrap"), of the classifier's AUC
        DeLong's or Newcombe's; of splits value and interval are mean and percentiles over the
        splits ("splits"). The medians are those of the measure itself, where it is one number.
    """
    tasks = [
        partial(_rows, _own_part(table, comparison, region), region, comparison, settings)
        for comparison in comparisons(table, settings)
        for region in REGIONS
    ]
    rows = [row for part in in_parallel(tasks, n_jobs, "distances", "set") for row in part]
    return pd.DataFrame(rows, columns=COLUMNS)


def _own_part(table: pd.DataFrame, comparison: Comparison, region: str) -> pd.DataFrame:
    """Return what one task needs, its rows under their old numbers."""
    rows = np.unique(np.concatenate([np.concatenate(pair) for pair in comparison.pairs]))
    other = LESION if region == "field" else FIELD
    own = table.columns[~table.columns.str.startswith(other)]
    return table.loc[pd.Index(rows), own]


def _rows(
    table: pd.DataFrame, region: str, comparison: Comparison, settings: RealismSettings
) -> list[dict[str, object]]:
    if region == "lesion":
        outlined = table.index[table.filter(like=LESION).notna().all(axis=1)]
        pairs = tuple((_among(a, outlined), _among(b, outlined)) for a, b in comparison.pairs)
        if min(len(part) for pair in pairs for part in pair) < 2:
            return []
        comparison = Comparison(comparison.key, pairs)
    measured = [
        *_distances(table, region, comparison, settings),
        _classified(table, region, comparison, settings),
    ]
    first, second = comparison.pairs[0]
    common = {
        "comparison": comparison.key,
        "reference": comparison.key in REFERENCES,
        "region": region,
        "confidence": settings.confidence,
        "first_images": len(first),
        "second_images": len(second),
    }
    return [common | row for row in measured]


def _among(rows: np.ndarray, known: pd.Index) -> np.ndarray:
    return rows[np.isin(rows, known)]


def _distances(
    table: pd.DataFrame, region: str, comparison: Comparison, settings: RealismSettings
) -> Iterator[dict[str, object]]:
    for measure in measures_of(region, table):
        values = table[list(measure.columns)]
        single = len(measure.columns) == 1
        if single:  # an image without a lit window has no speckle
            values = values.dropna()
        sets = [
            tuple(values.loc[_among(rows, values.index)].to_numpy() for rows in pair)
            for pair in comparison.pairs
        ]
        if single:
            sets = [(first[:, 0], second[:, 0]) for first, second in sets]
        if min(len(part) for pair in sets for part in pair) < 2:
            continue
        plain = [
            float(
                measure.distance(
                    a, b, distances.even_weights(len(a)), distances.even_weights(len(b))
                )[0]
            )
            for a, b in sets
        ]
        medians = {
            f"{which}_median": float(np.median(part)) if single else np.nan
            for which, part in zip(("first", "second"), sets[0], strict=True)
        }
        if comparison.is_split:
            estimate = _over_splits(plain, settings)
            medians = dict.fromkeys(medians, np.nan)
        else:
            estimate = _resampled(measure, sets[0], plain[0], comparison.key, settings)
        yield {"measure": measure.name, "unit": measure.unit} | estimate | medians


def _resampled(
    measure: Measure,
    pair: tuple[np.ndarray, ...],
    value: float,
    key: str,
    settings: RealismSettings,
) -> dict[str, object]:
    first, second = pair
    rng = generator(settings.seed, "realism", key, measure.name)
    own, other = (
        distances.bootstrap_weights(len(part), settings.n_resamples, rng) for part in pair
    )
    half = two_sided_z(settings.confidence) * np.std(
        measure.distance(first, second, own, other), ddof=1
    )
    return {
        "value": value,
        "low": max(0.0, value - half),
        "high": min(measure.most, value + half),
        "method": "bootstrap",
    }


def _over_splits(values: list[float], settings: RealismSettings) -> dict[str, object]:
    tail = (1 - settings.confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    mean = float(np.mean(values))
    return {"value": mean, "low": float(low), "high": float(high), "method": "splits"}


def _classified(
    table: pd.DataFrame, region: str, comparison: Comparison, settings: RealismSettings
) -> dict[str, object]:
    names = [f"{REGIONS[region]}{name}" for name in texture_names()]
    found = [
        told_apart(
            table.loc[first, names].to_numpy(),
            table.loc[second, names].to_numpy(),
            folds=settings.folds,
            repeats=1 if comparison.is_split else settings.repeats,
            confidence=settings.confidence,
            seed=settings.seed,
        )
        for first, second in comparison.pairs
    ]
    row: Mapping[str, object] = {"measure": "radiomics_auc", "unit": "AUC"}
    medians = {"first_median": np.nan, "second_median": np.nan}
    if comparison.is_split:
        return {**row, **_over_splits([one.auc for one in found], settings), **medians}
    (one,) = found
    estimate = {"value": one.auc, "low": one.low, "high": one.high, "method": one.method}
    return {**row, **estimate, **medians}


def _mean_difference(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the mean over features of `distances.standardised_differences`."""
    return np.nanmean(distances.standardised_differences(first, second, own, other), axis=1)
