"""Sanity checks of the explanations, each with its verdict."""

from __future__ import annotations

import math

import pandas as pd

from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.pictures import pictures, plain_table
from spl_kedro.reporting.verdicts import HIGHER, UNDEFINED, read
from spl_kedro.reporting.words import interval, number, p_value, plural

#: Largest permutation p of a check that is passed.
SIGNIFICANT = 0.05
#: Columns that the verdict states itself.
JUDGED_BY = ("excess", "excess_low", "excess_high", "confidence")
PREMISE = (
    "A map that explains the network must change when the network's weights are replaced by "
    "random ones, and what is learned from shuffled labels must show no structure."
)
CHECK_PICTURES = {
    "sanity_checks": (
        "Sanity checks: maps of a network with randomised weights, maps and SHAP values after "
        "learning shuffled labels, agreement of the folds' SHAP rankings."
    ),
}


def sanity_section(results: StudyResults) -> Section:
    """Return the section on the sanity checks, each with its verdict."""
    figures = pictures(results, CHECK_PICTURES)
    captions = {
        "gradcam_randomisation": "Rank correlation with the trained network's map while its "
        "weights are randomised block by block",
        "gradcam_shuffled_labels": "Agreement of maps learned from true and from shuffled labels",
        "shap_shuffled_labels": "SHAP values of CDLR learned from true and from shuffled labels",
    }
    tables: tuple[ReportTable, ...] = ()
    missing = []
    for name, caption in captions.items():
        found = plain_table(_printed(getattr(results, name)), name, caption, "quartiles")
        tables += found
        if not found:
            missing.append(caption.partition(" while")[0])
    words = (PREMISE, *verdicts(results)) if figures or tables else ()
    return Section(
        "sanity-checks", "Sanity checks of the explanations", words, figures=figures,
        tables=tables, missing=tuple(missing),
    )  # fmt: skip


def _printed(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return what a table prints beside the verdict, which states the interval itself."""
    if table is None or table.empty:
        return None
    return table.drop(columns=[name for name in JUDGED_BY if name in table])


def verdicts(results: StudyResults) -> list[str]:
    """Return a sentence for each check that was made: what it must show, and whether it does.

    Parameters
    ----------
    results : StudyResults

    Returns
    -------
    list of str
        Random weights: not passed where the interval of the excess lies above 0, undecided where
        it reaches half of the excess of the trained map itself, else passed. Shuffled labels:
        passed where the permutation p is at most `SIGNIFICANT`.
    """
    told = []
    cascade = results.gradcam_randomisation
    if cascade is not None and len(cascade) > 1:
        told.append(_random_weights(cascade))
    maps = results.gradcam_shuffled_labels
    if maps is not None and len(maps):
        what = "maps learnt from two halves of the lesions agree"
        told.append(_shuffled(maps, "agreement", "Maps", what))
    shap = results.shap_shuffled_labels
    if shap is not None and len(shap):
        told.append(_shuffled(shap, "total_shap", "SHAP values", "the summed mean |SHAP| is"))
    return told


def _random_weights(cascade: pd.DataFrame) -> str:
    last = cascade.iloc[-1]
    low, high = (float(last.get(name, math.nan)) for name in ("excess_low", "excess_high"))
    reading = read(low, high)
    if reading == UNDEFINED:
        return "Maps, random weights: not judged, since this run has no interval to judge them by."
    found = interval(last["excess"], low, high, 2)
    shared = (
        "the map of a network with random weights resembles the trained network's map of the same "
        "lesion"
    )
    beyond = f"rank correlation beyond that with another lesion's map: {found}"
    if reading == HIGHER:
        return f"Maps, random weights: not passed. {_capital(shared)} more than chance ({beyond})."
    if high >= float(cascade.iloc[0]["excess"]) / 2:
        return (
            "Maps, random weights: undecided, with too few lesions. The interval holds 0 and half "
            f"of what the trained map itself has ({beyond})."
        )
    return (
        f"Maps, random weights: passed. It is not shown that {shared} more than another lesion's "
        f"map does ({beyond})."
    )


def _shuffled(table: pd.DataFrame, column: str, of: str, what: str) -> str:
    """Judge by permutation: how often shuffled labels reach what the true ones do."""
    true = float(table.loc[table["labels"] == "true", column].iloc[0])
    shuffled = table.loc[table["labels"] == "shuffled", column]
    reached = int((shuffled >= true).sum())
    p = (1 + reached) / (1 + len(shuffled))
    values = " and ".join(number(value, 2) for value in shuffled)
    if len(shuffled) > 3:
        values = f"{number(shuffled.min(), 2)} to {number(shuffled.max(), 2)}"
    seen = f"{what} {number(true, 2)} with true labels, {values} with shuffled ones"
    if p <= SIGNIFICANT:
        verdict = f"passed (permutation p = {p_value(p)})"
    elif reached:
        verdict = f"not passed: shuffled labels reach it (permutation p = {p_value(p)})"
    else:
        least = round(1 / SIGNIFICANT) - 1
        verdict = (
            f"in the expected direction, but {plural(len(shuffled), 'shuffle')} cannot decide it "
            f"({least} or more can: explainability.sanity.shuffles)"
        )
    return f"{of}, shuffled labels: {verdict}. {_capital(seen)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
