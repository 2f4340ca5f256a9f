"""How much features and scores depend on how the lesion was outlined."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep import DeepSettings
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    NO_BREAK,
    cohort_name,
    interval,
    model_name,
    number,
    p_value,
    plural,
    unseen_lesions,
)
from spl_kedro.sceptic.outlines.changes import ORIGINAL, SECOND_READER, is_drawn
from spl_kedro.sceptic.outlines.figures import auc_figure, spread_figure, survival_figure
from spl_kedro.schemas import MODELS, clinical_columns

OPENED_SINCE = (
    " {} are not among them: run the pipeline outline_robustness again if they were opened since."
)
_NAMES = ("outline_auc", "outline_spread", "outline_summary")


def outlines_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the part on other outlines, or none where it was not computed."""
    if any(name not in results.sceptic for name in _NAMES):
        return []
    auc, spread, summary = (results.titled(results.sceptic[name]) for name in _NAMES)
    simulated = results.simulated
    figures = (
        ReportFigure(
            "outline_auc",
            "AUC of the fitted models on features measured under other outlines, against how far "
            "these lie from the original.",
            "Lines of AUC against the mean surface distance, a column for each kind of change; all "
            "numbers are in the table.",
            {"": Drawing(auc_figure, auc, simulated=simulated)},
            wide=True,
        ),
        ReportFigure(
            "outline_spread",
            "Lowest to highest score of each lesion over changes of its outline of one size; "
            "orange: the decision at the threshold changes.",
            "A line for each lesion at its rank, a row of panels for each size of change. "
            + _spread_words(spread),
            {"": Drawing(spread_figure, spread, simulated=simulated)},
            wide=True,
        ),
        ReportFigure(
            "outline_icc",
            "Share of informative features that keep an ICC above the threshold under another "
            "outline.",
            "Two tables of shares, by class of feature and by change; dark is high.",
            {"": Drawing(survival_figure, summary, simulated=simulated)},
            wide=True,
            themed=False,
        ),
    )
    return [
        Section(
            "outlines",
            "Other outlines",
            _paragraphs(results, auc, spread),
            figures,
            (_numbers(auc), _spread_numbers(spread)),
            level=3,
        )
    ]


def _paragraphs(results: StudyResults, auc: pd.DataFrame, spread: pd.DataFrame) -> tuple[str, ...]:
    deep = DeepSettings.model_validate(results.parameters.get("deep_features", {}))
    trained = (
        ""
        if deep.frozen
        else " Networks that were trained inside the folds are not kept, so that models which read "
        "deep features score no training lesion here."
    )
    lesions = spread["lesion_id"].nunique()
    read_twice = (auc["kind"] == SECOND_READER).any()
    second = ", and where a second reader outlined lesions, that outline was taken too"
    second = second if read_twice else ""
    hands = _hands(auc)
    if hands:
        second += f"; so were the outlines drawn by another hand ({', '.join(hands)})"
    scored = set(spread["cohort"])
    others = ", the others by the final models" if unseen_lesions(scored) else ""
    opened = [name for name in results.cohorts if name not in {"training", *scored}]
    later = OPENED_SINCE.format(unseen_lesions(opened)) if opened else ""
    clinical = ", and clinical variables stay as they are"
    clinical = clinical if clinical_columns(results.cohort) else ""
    return (
        f"Would the result hold had the lesions been outlined otherwise? The outlines of {lesions} "
        "lesions were eroded, dilated, shifted in a random direction and smoothed, each by stated "
        f"sizes{second}. Radiomics and the network's crop were measured anew under each, and the "
        "models that were fitted already scored them: training lesions by the models of the first "
        f"repeat that left them out{others}. Nothing is fitted anew{clinical}.{trained}{later}",
        *_worst(auc),
        *(_redrawn(auc, hand) for hand in hands),
    )


def _hands(auc: pd.DataFrame) -> list[str]:
    """Return who drew outlines beside the two readers."""
    kinds = dict.fromkeys(str(kind) for kind in auc["kind"])
    return [kind for kind in kinds if is_drawn(kind) and kind != SECOND_READER]


def _redrawn(auc: pd.DataFrame, hand: str) -> str:
    """Say how the best model fares on another hand's outlines, in every cohort."""
    own = auc[auc["kind"] == hand]
    model = best_model(own) if set(MODELS) & set(own["model"]) else own["model"].iloc[-1]
    own = own[own["model"] == model]
    told = "; ".join(
        f"{cohort_name(row['cohort']).lower()} "
        + interval(row["difference"], row["difference_low"], row["difference_high"])
        + f", Dice {number(row['dice'], 2)}"
        + (f", {plural(row['left_out'], 'lesion')} left out" if row["left_out"] else "")
        for row in own.to_dict("records")
    )
    return (
        f"Outlines called “{hand}” in the place of the readers' change the AUC of "
        f"{model_name(model)}, which learnt from readers' outlines, by: {told} "
        "(mean overlap with the reader's outline)."
    )


def _worst(auc: pd.DataFrame) -> tuple[str, ...]:
    """Say what the largest loss of the best model is, in the last cohort that has intervals."""
    changed = auc[(auc["kind"] != ORIGINAL) & auc["difference"].notna()]
    changed = changed[~changed["kind"].map(is_drawn)]
    if changed.empty:
        return ()
    cohort = changed["cohort"].iloc[-1]
    here = changed[changed["cohort"] == cohort]
    model = best_model(here) if set(MODELS) & set(here["model"]) else here["model"].iloc[-1]
    own = here[here["model"] == model]
    worst = own.loc[own["difference"].idxmin()]
    low, high = worst["difference_low"], worst["difference_high"]
    return (
        f"{model_name(model)}, {cohort_name(cohort).lower()} cohort: of {len(own)} changes of the "
        f"outline the one {_words(worst)} costs most: {interval(worst['difference'], low, high)} "
        f"in AUC (p {_p(worst['p_holm'])} after Holm), and {_percent(worst['flipped'])} of the "
        "decisions change. It was picked as the largest of them: the table has all.",
    )


def _p(value: Any) -> str:
    text = p_value(value)
    return text if text.startswith("<") else f"= {text}"


def _words(row: Any) -> str:
    """Return a change in words."""
    if row["kind"] == ORIGINAL or is_drawn(row["kind"]):
        return str(row["kind"])
    size = f"{row['size']:g}{NO_BREAK}mm"
    if row["unit"] == "diameter":
        size = f"{100 * row['size']:g}{NO_BREAK}% of the diameter"
    return f"{row['kind']} by {size}"


def _numbers(auc: pd.DataFrame) -> ReportTable:
    rows = [
        {
            "Cohort": cohort_name(row["cohort"]),
            "Model": model_name(row["model"]),
            "Outline": _words(row),
            "Error": number(row["distance"], 2),
            "Dice": number(row["dice"], 2),
            "Lesions" if row["unit_of_n"] == "lesions" else "Patients": str(row["n"]),
            "Left out": str(row["left_out"]),
            "AUC": interval(row["auc"], row["low"], row["high"]),
            "Less original": interval(
                row["difference"], row["difference_low"], row["difference_high"]
            ),
            "p": p_value(row["p_holm"]),
            "Decisions changed": _percent(row["flipped"]),
        }
        for row in auc.to_dict("records")
    ]
    unit = "millimetres" if auc["unit"].iloc[0] == "mm" else "shares of the diameter"
    return ReportTable(
        "outline_auc",
        f"AUC of the fitted models under other outlines ({coverage(auc)} intervals; p corrected "
        "by Holm within a cohort and model)",
        pd.DataFrame(rows, dtype="str"),
        row_headers=3,
        note=f"Error: mean surface distance to the original outline in {unit}, mean over lesions. "
        "Differences are on the lesions that could be measured under that outline. Training: "
        "cross-fitted, corrected resampled t-test; the others: DeLong's.",
        folded=True,
    )


def _spread_numbers(spread: pd.DataFrame) -> ReportTable:
    rows = [
        {
            "Model": model_name(model),
            "Size of change": _size(row["size"], row["unit"]),
            "Lesions": str(row["lesions"]),
            "SD of a lesion's scores, median": number(row["sd"]),
            "Range, median": number(row["range"]),
            "Range exceeded by 5%": number(row["range_95"]),
            "Decisions changed": _percent(row["flipped"]),
            "Lesions with any change of decision": _percent(row["any"]),
        }
        for (model, _), row in _spreads(spread).items()
    ]
    return ReportTable(
        "outline_spread",
        "Spread of a lesion's scores over changes of one size, all cohorts",
        pd.DataFrame(rows, dtype="str"),
        row_headers=2,
        note="SD and range of the scores under the changed outlines of one size and the original "
        "one.",
    )


def _spreads(spread: pd.DataFrame) -> dict[tuple[str, float], dict[str, Any]]:
    present = sorted(set(spread["model"]))
    order = sorted(present, key=lambda name: (*MODELS, *present).index(name))
    found = {}
    for (model, size), own in spread.groupby(["model", "size"]):
        found[str(model), float(str(size))] = {
            "size": size,
            "unit": own["unit"].iloc[0],
            "lesions": len(own),
            "sd": own["sd"].median(),
            "range": own["range"].median(),
            "range_95": own["range"].quantile(0.95),
            "flipped": own["flipped"].mean(),
            "any": (own["flipped"] > 0).mean(),
        }
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def _spread_words(spread: pd.DataFrame) -> str:
    words = [
        f"{model_name(model)}, {_size(row['size'], row['unit'])}: median range "
        f"{number(row['range'], 2)}"
        for (model, _), row in _spreads(spread).items()
    ]
    return "; ".join(words) + "."


def _size(size: Any, unit: str) -> str:
    return f"{size:g}{NO_BREAK}mm" if unit == "mm" else f"{100 * size:g}{NO_BREAK}%"


def _percent(share: Any) -> str:
    return f"{100 * share:.1f}%"
