"""How far one patient's score depends on who else was in the study."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep import DeepSettings
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import NO_BREAK, model_name, number
from spl_kedro.sceptic.stability.figures import (
    curves_figure,
    decision_instability_figure,
    error_figure,
    instability_figure,
)
from spl_kedro.sceptic.stability.measures import MIDDLE, UNSTABLE

_ALT = "The means are in the table."


def stability_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the part on stability for one patient, or none where it was not computed."""
    names = ("instability", "instability_summary", "instability_cells", "instability_curves")
    if any(name not in results.sceptic for name in names):
        return []
    lesions, summary, cells, curves = (results.sceptic[name] for name in names)
    simulated = results.simulated
    drawn = (
        (
            "instability",
            "Probabilities by the refits against those by the study's own models, of the lesions "
            f"these learnt from; lines: limits of the middle {100 * MIDDLE:.0f}{NO_BREAK}% of a "
            "lesion's refits, smoothed.",
            Drawing(instability_figure, lesions, cells, simulated=simulated),
        ),
        (
            "instability_error",
            "Mean absolute difference between a lesion's probabilities by the refits and by the "
            "study's own model.",
            Drawing(error_figure, lesions, simulated=simulated),
        ),
        (
            "instability_decisions",
            "Share of refits that put a lesion on the other side of the threshold (classification "
            "instability index).",
            Drawing(decision_instability_figure, lesions, simulated=simulated),
        ),
        (
            "instability_calibration",
            "Calibration of every refit on the study's own training lesions.",
            Drawing(curves_figure, curves, lesions, "calibration", simulated=simulated),
        ),
        (
            "instability_net_benefit",
            "Net benefit of every refit on the study's own training lesions.",
            Drawing(curves_figure, curves, lesions, "net_benefit", simulated=simulated),
        ),
    )
    figures = tuple(
        ReportFigure(key, caption, f"{caption} One panel for each model. {_ALT}", {"": picture},
                     wide=True)
        for key, caption, picture in drawn
    )  # fmt: skip
    return [
        Section(
            "stability-for-one-patient",
            "Stability for one patient",
            _paragraphs(results, summary),
            figures,
            (_summary(summary),),
            level=3,
        )
    ]


def _paragraphs(results: StudyResults, summary: pd.DataFrame) -> tuple[str, ...]:
    refits = int(summary["refits"].iloc[0])
    deep = DeepSettings.model_validate(results.parameters.get("deep_features", {}))
    networks = (
        "The network is frozen and depends on none of these patients."
        if deep.frozen
        else "Networks that were trained are not trained again: the deep features are those of the "
        "study's own networks, so that DTL, DLR and CDLR look steadier than they are."
    )
    best = summary.set_index("model").loc[best_model(summary)]
    return (
        f"Would this patient get the same probability from a study of other patients? {refits} "
        "bootstrap samples were drawn, each of as many patients as the study trains on, and on "
        "each everything was done again: principal components, selection, tuning, calibration "
        "and fusion. Each refit then scored the study's own training lesions (Riley and Collins, "
        f"Biometrical Journal 2023). {networks} The repeatability between readers and the "
        "operating thresholds are those of the study.",
        f"By {model_name(best.name)} a lesion's refits differ from its probability by "
        f"{number(best['mape'])} on average; {_percent(best['otherwise'])} of them decide "
        f"otherwise, and for {_percent(best['unstable'])} of the lesions more than "
        f"{100 * UNSTABLE:.0f}{NO_BREAK}% do. Curves of calibration and net benefit are drawn on "
        "lesions that the models learnt from: they show how far refits differ, not how good the "
        "models are.",
    )


def _summary(summary: pd.DataFrame) -> ReportTable:
    rows = [
        {
            "Model": model_name(row["model"]),
            "Mean absolute prediction error": number(row["mape"]),
            "Error exceeded by 5% of lesions": number(row["mape_95"]),
            "Error of patients not drawn": number(row["mape_not_drawn"]),
            f"Median width of middle {100 * MIDDLE:.0f}%": number(row["width"]),
            "Threshold": number(row["threshold"]),
            "Classification instability": _percent(row["otherwise"]),
            f"Lesions above {100 * UNSTABLE:.0f}%": _percent(row["unstable"]),
        }
        for row in summary.to_dict("records")
    ]
    first = summary.iloc[0]
    return ReportTable(
        "prediction_instability",
        f"Instability of predictions and decisions: {first['refits']} refits, {first['n']} "
        "training lesions",
        pd.DataFrame(rows, dtype="str"),
        note="Prediction error: mean of |refit − study's own model|. Of patients not drawn: over "
        "the refits that did not see the patient, as none will have seen a new one. Classification "
        "instability: mean share of refits on the other side of the threshold.",
    )


def _percent(share: Any) -> str:
    return f"{100 * share:.1f}%"
