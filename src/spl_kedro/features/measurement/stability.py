"""Which features would survive another reader: ICC between outlines of the same lesions.

A feature is stable if its ICC is known and at least the threshold. One without an ICC (the same
value in every lesion) is not stable, and counts among all wherever stable features are counted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spl_kedro.features.measurement.cache import FeatureCache
from spl_kedro.features.measurement.extraction import extract_features
from spl_kedro.features.measurement.icc import intraclass_correlation
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.measurement.outlines import PERTURBATIONS, PerturbedLesion
from spl_kedro.features.measurement.settings import (
    ExecutionSettings,
    RadiomicsSettings,
    StabilitySettings,
)

logger = logging.getLogger(__name__)

# Fewer lesions than this say nothing about a coefficient.
MINIMUM_LESIONS = 5
#: Coverage of the intervals; a selection may go by their lower ends.
CONFIDENCE = 0.95
# A coefficient and the two ends of its interval.
ENDS = ("", "_low", "_high")


def second_outlines(
    lesions: Mapping[str, LesionLoader],
    reader2: Mapping[str, LesionLoader],
    training: list[str],
    stability: StabilitySettings,
) -> tuple[str, dict[str, dict[str, LesionLoader]]]:
    """Further outlines to compare with the first: a second reader's, else perturbed ones.

    Parameters
    ----------
    lesions, reader2 : mapping of str to callable
        Readers of the lesions with the first and the second reader's outlines.
    training : list of str
        The training lesions, the only ones compared: what a lesion of another cohort says of a
        feature may not decide whether a model uses it.
    stability : StabilitySettings

    Returns
    -------
    source : str
        ``second reader`` or ``perturbed outlines``.
    outlines : dict of str to dict
        Per further rater, readers by lesion.
    """
    shared = sorted(set(lesions) & set(reader2) & set(training))
    if len(shared) >= MINIMUM_LESIONS:
        return "second reader", {"reader 2": {name: reader2[name] for name in shared}}
    logger.info(
        "A second reader outlined %d training lesions, of %d needed: stability is measured by "
        "changing the first reader's outlines.",
        len(shared),
        MINIMUM_LESIONS,
    )
    names = sorted(set(training) & set(lesions))
    rng = np.random.default_rng(stability.seed)
    chosen = sorted(rng.permutation(names)[: stability.lesions].tolist())
    return "perturbed outlines", {
        kind: {name: PerturbedLesion(lesions[name], name, kind, stability.seed) for name in chosen}
        for kind in PERTURBATIONS
    }


def feature_stability(
    features: pd.DataFrame,
    lesions: Mapping[str, LesionLoader],
    reader2: Mapping[str, LesionLoader],
    training: list[str],
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    stability: StabilitySettings,
    cache: FeatureCache | None = None,
) -> pd.DataFrame:
    """ICC of every feature between outlines of the same lesions.

    No label enters. Lesions that fail under any outline are left out.

    Parameters
    ----------
    features : DataFrame
        Features under the first outlines, index `lesion_id`.
    lesions, reader2 : mapping of str to callable
        Readers of the lesions with the first and the second reader's outlines.
    training : list of str
        The training lesions, the only ones compared: what a lesion of another cohort says of a
        feature may not decide whether a model uses it.
    settings, execution, stability
        What is measured, where, and how it is judged.
    cache : FeatureCache, optional

    Returns
    -------
    DataFrame
        Index `feature`: `icc`, `icc_low`, `icc_high` (the kind chosen in `stability`),
        `consistency` and `agreement` with their bounds, `stable`, the `threshold` it is judged
        by, `lesions`, `outlines` (per lesion), `source`, the `confidence` of the bounds. ICCs are
        NaN for constant features and
        where fewer than five lesions could be compared.
    """
    source, outlines = second_outlines(lesions, reader2, training, stability)
    tables = [features]
    for rater, readers in outlines.items():
        result = extract_features(readers, settings, execution, cache, f"radiomics, {rater}")
        tables.append(result.features)
    return compare_outlines(tables, source, stability)


def compare_outlines(
    tables: Sequence[pd.DataFrame], source: str, stability: StabilitySettings
) -> pd.DataFrame:
    """ICC of every feature between the tables of several outlines of the same lesions.

    Parameters
    ----------
    tables : sequence of DataFrame
        One for each outline, index `lesion_id`, the same columns; lesions that one of them lacks
        are left out.
    source : str
        Whose outlines they are.
    stability : StabilitySettings

    Returns
    -------
    DataFrame
        As :func:`feature_stability` returns.
    """
    columns = tables[0].columns
    common = sorted(set.intersection(*(set(table.index) for table in tables)))
    if len(common) >= MINIMUM_LESIONS:
        ratings = np.stack([table.loc[common].to_numpy() for table in tables], axis=1)
        table = intraclass_correlation(ratings, CONFIDENCE)
    else:
        logger.warning("only %d lesions with several outlines: no stability", len(common))
        names = [f"{kind}{end}" for kind in ("consistency", "agreement") for end in ENDS]
        table = pd.DataFrame(np.nan, index=range(len(columns)), columns=names)
    table.index = pd.Index(columns, name="feature", dtype="str")
    for end in ENDS:
        table[f"icc{end}"] = table[f"{stability.icc}{end}"]
    # NaN is not at least anything.
    table["stable"] = table["icc"] >= stability.threshold
    table["threshold"] = stability.threshold
    table["lesions"] = len(common)
    table["outlines"] = len(tables)
    table["source"] = source
    table["confidence"] = CONFIDENCE
    first = ["icc", "icc_low", "icc_high"]
    return table[[*first, *(column for column in table if column not in first)]]
