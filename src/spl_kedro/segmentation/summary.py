"""Means and medians of the agreement with readers, with intervals over patients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.schemas import COHORTS
from spl_kedro.segmentation.settings import AssistedOutlinesParameters

MEASURES = ("dice", "mean_distance", "hausdorff_95")
#: The method of the rows that compare the two.
DIFFERENCE = "network minus classical"


def agreement_summary(scores: pd.DataFrame, parameters: AssistedOutlinesParameters) -> pd.DataFrame:
    """Summarise the agreement by cohort, prompt and method.

    Parameters
    ----------
    scores : DataFrame
        From :func:`.outlining.outline_cohort`.
    parameters : AssistedOutlinesParameters

    Returns
    -------
    DataFrame
        cohort, prompt, method, measure (dice, mean_distance, hausdorff_95), n (lesions), failed
        (of them without an outline), mean and median with _low and _high (percentiles over
        resampled patients), unit, confidence. Dice counts a lesion without an outline as 0; the
        distances are of the lesions that have one. Of the method `network minus classical` the
        rows are the paired differences in Dice; of `second reader` they are how far a person
        agrees with the first.
    """
    rows = []
    for cohort in (name for name in COHORTS if name in set(scores["cohort"])):
        for prompt, own in scores[scores["cohort"] == cohort].groupby("prompt", sort=False):
            by_method = dict(list(own.groupby("method", sort=False)))
            for method, part in by_method.items():
                about = {"cohort": cohort, "prompt": prompt, "method": method}
                rows += [about | _summary(part, measure, parameters) for measure in MEASURES]
            if len(by_method) == 2:
                network, classical = (
                    by_method[name].set_index("lesion_id") for name in ("network", "classical")
                )
                pairs = network.assign(
                    dice=network["dice"] - classical["dice"].reindex(network.index),
                    outlined=network["outlined"] & classical["outlined"].reindex(network.index),
                )
                about = {"cohort": cohort, "prompt": prompt, "method": DIFFERENCE}
                rows.append(about | _summary(pairs, "dice", parameters))
    return pd.DataFrame(rows)


def _summary(
    part: pd.DataFrame, measure: str, parameters: AssistedOutlinesParameters
) -> dict[str, object]:
    known = part[part[measure].notna()]
    values = known[measure].to_numpy(dtype=float)
    told: dict[str, object] = {
        "measure": measure,
        "n": len(part),
        "failed": int((~part["outlined"]).sum()),
    }
    names = [f"{which}{end}" for which in ("mean", "median") for end in ("", "_low", "_high")]
    if len(values):
        rng = generator(parameters.seed, "agreement", measure, str(part["cohort"].iloc[0]))
        weights = resampling_weights(
            known["label"].to_numpy(), known["patient_id"].to_numpy(), parameters.n_bootstrap, rng
        )
        mean = weights @ values / weights.sum(axis=1)
        found: list[Any] = [
            float(values.mean()),
            *percentile_interval(mean, parameters.confidence),
            float(np.median(values)),
            *percentile_interval(_medians(values, weights), parameters.confidence),
        ]
        told |= dict(zip(names, [float(value) for value in found], strict=True))
    else:
        told |= dict.fromkeys(names, float("nan"))
    unit = "" if measure == "dice" else str(part["unit"].iloc[0])
    return told | {"unit": unit, "confidence": parameters.confidence}


def _medians(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the median of each resample: mean of the middle values where two are in the middle."""
    order = np.argsort(values, kind="stable")
    counts = np.cumsum(weights[:, order], axis=1)
    total = counts[:, -1:]
    lower = (counts >= np.ceil(total / 2)).argmax(axis=1)
    upper = (counts >= np.floor(total / 2) + 1).argmax(axis=1)
    return (values[order][lower] + values[order][upper]) / 2
