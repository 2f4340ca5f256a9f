"""Clinical utility at the operating threshold itself, rather than over all thresholds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.decision_curves import interventions_avoided, net_benefit
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import cells, described, scored_units

_MEASURED = ("net_benefit", "avoided")
_COLUMNS = (
    *("protocol", "model", "cohort", "threshold", "biopsy_all"),
    *(f"{name}{suffix}" for name in _MEASURED for suffix in ("", "_low", "_high")),
    *("n", "events"),
)


def threshold_benefit_table(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return the net benefit of acting at a model's own operating threshold.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`, of a deployed model: one repeat.
    thresholds : DataFrame
        model, protocol, threshold.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per protocol, model and cohort: threshold; biopsy_all (the net benefit of biopsying
        everyone, at the same threshold); net_benefit and avoided (biopsies avoided per 100, against
        biopsying all), each with _low and _high from the resamples of the decision curves; n,
        events, unit, confidence. NaN where the threshold is 0 or 1.
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    rows = []
    units = scored_units(predictions, settings.pooling)
    for cell in cells(units, divided=settings.stratified_split):
        threshold = float(cut.loc[(cell.protocol, cell.model)])
        row: dict[str, object] = dict(zip(("protocol", "model", "cohort"), cell.names, strict=True))
        row |= {"threshold": threshold, "n": cell.n, "events": cell.events}
        if 0 < threshold < 1:
            rng = generator(settings.seed, "decision", cell.protocol, cell.cohort)
            drawn = resampling_weights(
                cell.label, cell.patient, settings.n_bootstrap, rng, cell.recruited
            )
            weights = np.vstack([np.ones(cell.n), drawn])
            at = np.array([threshold])
            own = net_benefit(cell.label, cell.scores[0], at, weights)[:, 0]
            everyone = net_benefit(cell.label, np.ones(cell.n), at, weights)[:, 0]
            avoided = interventions_avoided(own, everyone, at)
            row["biopsy_all"] = everyone[0]
            for name, values in zip(_MEASURED, (own, avoided), strict=True):
                low, high = percentile_interval(values[1:], settings.confidence)
                row |= {name: values[0], f"{name}_low": float(low), f"{name}_high": float(high)}
        rows.append(row)
    return described(pd.DataFrame(rows, columns=list(_COLUMNS)), settings)
