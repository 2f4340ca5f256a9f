"""Every interval and test that the study's tables report, as one long table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from coverage_truth import RISKS

from spl_kedro.modeling.evaluation import (
    EvaluationSettings,
    added_value_table,
    calibration_table,
    compare_models,
    decision_curve_table,
    operating_thresholds,
    optimism_table,
    performance,
    subgroup_table,
    threshold_benefit_table,
)

COLUMNS = ["protocol", "cohort", "model", "quantity", "value", "low", "high", "p"]
_GAINS = ("auc_difference", "nri", "nri_malignant", "nri_benign", "nri_continuous", "idi")


def reported(
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    settings: EvaluationSettings,
    thresholds: pd.DataFrame | None = None,
    *,
    comparisons_only: bool = False,
) -> pd.DataFrame:
    """Return what the study's tables say.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    cohort : DataFrame
        Index lesion_id; the columns of `settings.subgroups`, patient_id and cohort.
    settings : EvaluationSettings
    thresholds : DataFrame, optional
        model, protocol, threshold; chosen in training by default.
    comparisons_only : bool
        Whether only models' comparisons are asked for.

    Returns
    -------
    DataFrame
        protocol, cohort, model (of a comparison "a>b"), quantity, value, low, high, p (NaN where
        the table has no test).
    """
    if thresholds is None:
        thresholds = operating_thresholds(predictions, settings)
    leak_free = predictions[predictions["protocol"] == "leak_free"]
    parts = [
        _comparisons(compare_models(leak_free, thresholds, settings)),
        _added_value(added_value_table(leak_free, settings)),
    ]
    if comparisons_only:
        return pd.concat([part.reindex(columns=COLUMNS) for part in parts], ignore_index=True)
    measured = performance(leak_free, thresholds, settings)
    parts += [
        _performance(measured),
        _subgroups(subgroup_table(leak_free, thresholds, cohort, settings)),
        _calibration(calibration_table(leak_free, settings)),
        _decisions(decision_curve_table(leak_free, settings)),
    ]
    deployed = leak_free[leak_free["cohort"] == "external"]
    if len(deployed):
        parts.append(_own_threshold(threshold_benefit_table(deployed, thresholds, settings)))
    if len(leak_free) < len(predictions):
        recipe = predictions[predictions["protocol"] != "leak_free"]
        # Of the recipe only areas are asked for, which resample nothing.
        few = settings.model_copy(update={"n_bootstrap": 100})
        areas = pd.concat([measured, performance(recipe, thresholds, few)])
        optimism = optimism_table(areas, predictions, settings)
        parts.append(
            optimism.assign(protocol="leak_free", quantity="optimism", value=optimism["optimism"])
        )
    parts = [part.reindex(columns=COLUMNS) for part in parts if len(part)]
    return pd.concat([part.astype({"p": float}) for part in parts], ignore_index=True)


def _performance(table: pd.DataFrame) -> pd.DataFrame:
    table = table.rename(columns={"metric": "quantity"})
    test = table["quantity"] == "hosmer_lemeshow_p"
    return table.assign(p=table["value"].where(test))


def _comparisons(table: pd.DataFrame) -> pd.DataFrame:
    pair = table["model_a"] + ">" + table["model_b"]
    rows = [
        pd.DataFrame(
            {
                "value": table[name],
                "low": table[f"{name}_low"],
                "high": table[f"{name}_high"],
                "p": table["p"] if name == "auc_difference" else np.nan,
            }
        ).assign(protocol=table["protocol"], cohort=table["cohort"], model=pair, quantity=name)
        for name in _GAINS
    ]
    return pd.concat(rows)


def _subgroups(table: pd.DataFrame) -> pd.DataFrame:
    if table.empty or "group" not in table:
        return pd.DataFrame()
    group = table["group"].where(~table["group"].str.startswith(("<", "≥")), table["group"].str[0])
    return table.assign(quantity=table["metric"] + " in " + table["variable"] + " " + group)


def _calibration(table: pd.DataFrame) -> pd.DataFrame:
    """Return the smooth curve at the risks looked at, and the risk groups by number.

    Between two points of the curve's grid band and curve are interpolated.
    """
    rows: list[dict[str, Any]] = []
    for key, part in table.groupby(["protocol", "cohort", "model", "kind"], sort=False):
        names = dict(zip(("protocol", "cohort", "model"), key[:3], strict=True))
        if key[3] == "group":
            rows += [
                {**names, "quantity": f"risk group {k + 1}", "value": row["observed"]}
                | {"low": row["low"], "high": row["high"]}
                for k, row in enumerate(part.to_dict("records"))
            ]
            continue
        for risk in RISKS:
            at = {
                name: np.interp(risk, part["predicted"], part[column], np.nan, np.nan)
                for name, column in (("value", "observed"), ("low", "low"), ("high", "high"))
            }
            rows.append({**names, "quantity": f"observed risk at {risk}", **at})
    return pd.DataFrame(rows)


def _decisions(table: pd.DataFrame) -> pd.DataFrame:
    table = table[table["threshold"].isin(RISKS) & (table["model"] != "biopsy none")]
    word = " at " + table["threshold"].astype(str)
    benefit = table.assign(quantity="net_benefit" + word, value=table["net_benefit"])
    bounds = {"low": table["avoided_low"], "high": table["avoided_high"]}
    avoided = table.assign(quantity="avoided" + word, value=table["avoided"], **bounds)
    return pd.concat([benefit, avoided[avoided["model"] != "biopsy all"]])


def _own_threshold(table: pd.DataFrame) -> pd.DataFrame:
    parts = [
        table.assign(
            quantity=f"{name} at own threshold",
            value=table[name],
            low=table[f"{name}_low"],
            high=table[f"{name}_high"],
        )
        for name in ("net_benefit", "avoided")
    ]
    return pd.concat(parts)


def _added_value(table: pd.DataFrame) -> pd.DataFrame:
    """Return the likelihood ratio tests of what is added; areas are those of other tables."""
    table = table[table["lr_p"].notna()]
    pair = table["base"] + ">" + table["model"]
    return table.assign(
        protocol="leak_free", model=pair, quantity="likelihood ratio", value=table["lr_chi2"],
        low=np.nan, high=np.nan, p=table["lr_p"],
    )  # fmt: skip
