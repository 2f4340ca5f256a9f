"""What the report and the model card say of thresholds, zones and a thousand lesions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.clinic.use import STATED
from spl_kedro.modeling.evaluation.clinic.zones import DEPLOYED, ONE, TWO, has_zone
from spl_kedro.modeling.evaluation.figures.style import percent
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.words import cohort_name, interval, model_name, number
from spl_kedro.schemas import COHORTS, MODELS

_RULES = {"youden": "the largest Youden index", "sensitivity": "the sensitivity asked for"}


def deployed_thresholds(results: StudyResults) -> list[dict[Any, Any]]:
    """Return a row of thresholds for each of the five models that was fitted."""
    table = results.thresholds
    if table is None or table.empty:
        return []
    own = table[table["protocol"] == DEPLOYED].set_index("model", drop=False)
    return [own.loc[name].to_dict() for name in MODELS if name in own.index]


def threshold_words(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return a model's thresholds as printed: operating, below which out, from which in, zone."""
    words = {"operating": number(row["threshold"])}
    rule_out, rule_in = (float(row.get(name, np.nan)) for name in ("rule_out", "rule_in"))
    if np.isnan(rule_out):
        return words | {"out": "not chosen", "in": "not chosen", "zone": "none"}
    words["out"] = number(min(rule_out, rule_in))
    words["in"] = number(rule_in) if rule_in <= 1 else "no score"
    between = f"{words['out']} to {words['in'] if rule_in <= 1 else '1'}"
    words["zone"] = between if has_zone(rule_out, rule_in) else "none: one threshold keeps both"
    return words


def chosen_words(results: StudyResults) -> str:
    """Say how the thresholds were chosen."""
    rows = deployed_thresholds(results)
    if not rows or np.isnan(rows[0].get("rule_out", np.nan)):
        return (
            "This study was fitted or packaged before it chose thresholds to rule out and in: only "
            "its operating threshold is examined."
        )
    rule = _RULES.get(_rule_of(results), "")
    kept = [percent(rows[0][name]) for name in ("min_sensitivity", "min_specificity")]
    return (
        f"Beside the operating threshold{f' ({rule})' if rule else ''}, two thresholds were chosen "
        "on the cross-fitted scores of the training lesions and nothing else. The rule-out "
        f"threshold is the highest with at least {kept[0]} of the malignant training lesions at or "
        f"above it, the rule-in threshold the lowest with at least {kept[1]} of the benign ones "
        "below it. A lesion below the first is ruled out and not biopsied; one from the second on "
        "is ruled in; between them the tool defers, and the lesion is biopsied as it would have "
        "been without it."
    )


def _rule_of(results: StudyResults) -> str:
    """Return the rule of the operating threshold, as far as the parameters tell it."""
    return str(results.modeling("evaluation").get("threshold_rule", ""))


def count_words_of(rows: pd.DataFrame, *, card: bool = False) -> list[str]:
    """Say what a model would do with a thousand lesions, a sentence or two for each cohort.

    Parameters
    ----------
    rows : DataFrame
        Rows of `spl_kedro.modeling.evaluation.clinical_use_table`.
    card : bool
        Whether the model's and cohort's names must be in each sentence.
    """
    if rows.empty:
        return []
    model = best_model(rows)
    said = []
    for cohort in [name for name in COHORTS if name in set(rows["cohort"])]:
        part = rows[(rows["model"] == model) & (rows["cohort"] == cohort)]
        by = {rule: own.set_index("metric").to_dict("index") for rule, own in part.groupby("rule")}
        own: Mapping[Any, Any] = by[TWO] if TWO in by else by[ONE]
        if np.isnan(own["avoided"]["value"]):
            continue
        name = "rule-out threshold" if TWO in by else "operating threshold"
        words = (
            f"{cohort_name(cohort)}: of 1,000 {own['avoided']['unit']}, {model_name(model)}'s "
            f"{name} avoids {_count(own['avoided'])} biopsies and misses "
            f"{_count(own['missed'])} cancers"
        )
        if TWO in by:
            one = by[ONE]
            words += (
                f" (the operating threshold {_count(one['avoided'])} and {_count(one['missed'])}); "
                f"{_count(own['deferred_lesions'])} are deferred"
            )
        said.append(f"{words}.")
        if TWO in by and not card:
            said[-1] += _kept(own["sensitivity"])
    return said


def prevalence_words(rows: pd.DataFrame) -> str:
    """Say at which prevalence counts are given."""
    first = rows.iloc[0]
    if first["prevalence_is"] == STATED:
        return f"at the clinic's prevalence of {number(first['prevalence'], 2)}, as stated"
    own = rows.drop_duplicates("cohort")
    each = ", ".join(
        f"{cohort_name(cohort).partition(' (')[0].lower()} {number(value, 2)}"
        for cohort, value in zip(own["cohort"], own["prevalence"], strict=True)
    )
    return (
        f"at each cohort's own prevalence ({each}), since that of a clinic is not stated "
        "(modeling.evaluation.prevalence)"
    )


def _count(row: Mapping[Any, Any]) -> str:
    return interval(row["value"], row["low"], row["high"], 0)


def _kept(sensitivity: Mapping[Any, Any]) -> str:
    return (
        " Its sensitivity there: "
        f"{interval(sensitivity['value'], sensitivity['low'], sensitivity['high'], 2)}."
    )
