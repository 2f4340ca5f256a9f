"""Nodes that explain the signatures and state the uncertainty of single patients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.explainability.words import (
    decisions,
    lesions_line,
    scores_of,
    sealed_drawing,
    shown_cohorts,
)
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import Explanation, FittedStudy, StudyTable
from spl_kedro.schemas import clinical_columns, is_simulated

Explanations = dict[tuple[str, str, str], Explanation]


def explain_signatures(
    table: StudyTable,
    fitted: FittedStudy,
    parameters: ExplainabilityParameters,
) -> tuple[Explanations, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return explanations, the table of SHAP values, its additivity, the ranking's stability."""
    from spl_kedro.explainability import study

    explained = study.explain_study(fitted, table, parameters)
    return (
        explained,
        study.shap_table(explained, table, shown_cohorts(parameters.shap.cohorts, table.cohort)),
        study.additivity_table(explained),
        study.stability_table(explained, parameters.sanity.top),
    )


def shuffle_labels(
    table: StudyTable,
    fitted: FittedStudy,
    explained: Explanations,
    parameters: ExplainabilityParameters,
) -> pd.DataFrame:
    """Return how little CDLR's SHAP values say when it learns shuffled labels.

    Empty where no lesion is unseen: validation is sealed.
    """
    from spl_kedro.explainability import study

    if not len(table.lesions("validation", "external")):
        return pd.DataFrame()
    reference = _of(explained, "cdlr", table.lesions("validation"))
    return study.shuffled_label_table(fitted.models["cdlr"], reference, table, parameters)


def draw_shap(
    shap_values: pd.DataFrame,
    shap_importance: pd.DataFrame,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    parameters: ExplainabilityParameters,
) -> tuple[Drawing, Drawing, Drawing, Drawing, dict[str, Drawing]]:
    """Draw CDLR's four figures, and beeswarm, bar and dependence of every signature and view."""
    from spl_kedro.explainability.figures_shap import (
        shap_bar,
        shap_beeswarm,
        shap_dependence,
    )
    from spl_kedro.explainability.figures_waterfall import shap_waterfalls
    from spl_kedro.explainability.summaries import shown

    chosen = parameters.shap
    figures: dict[str, Drawing] = {}
    main = shown(shap_values, "cdlr")
    # Drawn too where it uses no feature, and says so by its empty axes.
    view = main["view"].iloc[0] if len(main) else "inputs"
    explained = zip(shap_values["model"], shap_values["view"], strict=True)
    for model, view_of in dict.fromkeys([*explained, ("cdlr", view)]):
        values = shown(shap_values, model, view_of)
        importance = shown(shap_importance, model, view_of)
        words, stem = _words(model, view_of, cohort, values), f"{model}_{view_of}"
        leading = importance["feature"].iloc[: max(chosen.top, chosen.dependence)]
        values = values[values["feature"].isin(leading)]
        figures[f"{stem}_beeswarm"] = Drawing(
            shap_beeswarm, values, importance, **words, top=chosen.top
        )
        figures[f"{stem}_bar"] = Drawing(shap_bar, importance, **words, top=chosen.top)
        figures[f"{stem}_dependence"] = Drawing(
            shap_dependence, values, importance, cohort["label"], **words, top=chosen.dependence
        )
    decided = decisions(predictions, thresholds, "cdlr", tuple(main["cohort"].unique()))
    waterfalls = Drawing(
        shap_waterfalls,
        main,
        _examples(decided[decided.index.isin(main["lesion_id"])]),
        **{
            **_words("cdlr", view, cohort, main),
            "title": "Single patients: of each kind of decision the one with the median score",
        },
        top=chosen.waterfall,
    )
    return (
        figures[f"cdlr_{view}_beeswarm"],
        figures[f"cdlr_{view}_bar"],
        figures[f"cdlr_{view}_dependence"],
        waterfalls,
        figures,
    )


def predict_conformally(
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: ExplainabilityParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, Drawing]:
    """Return each unseen lesion's set of diagnoses, the coverage reached, and its figure.

    Patients' sets, where the evaluation pools the scores of their images.
    """
    from spl_kedro.explainability.conformal import conformal_table, coverage_table
    from spl_kedro.explainability.figures_checks import conformal_figure
    from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES
    from spl_kedro.modeling.evaluation.units import patients_of, scored_units

    chosen, pooling = parameters.conformal, modeling.evaluation.pooling
    counted = "lesions"
    if pooling != "none":
        predictions, cohort = scored_units(predictions, pooling), patients_of(cohort)
        counted = "patients"
    rows = scores_of(predictions, chosen.model)
    calibration = rows[(rows["cohort"] == "training") & (rows["fold"] >= 0)]
    lesions = rows[rows["cohort"] != "training"]
    title = f"Which diagnoses the {MODEL_NAMES[chosen.model]} score cannot rule out"
    if lesions.empty:
        table = conformal_table(calibration, lesions, alpha=chosen.alpha)
        return table, coverage_table(table, calibration), sealed_drawing(title, cohort)
    table = conformal_table(calibration, lesions, alpha=chosen.alpha)
    coverage = coverage_table(table, calibration, confidence=modeling.evaluation.confidence)
    if pooling != "none":
        coverage = coverage.assign(unit=counted)
    figure = Drawing(
        conformal_figure,
        coverage,
        counted=counted,
        title=title,
        subtitle=(
            "Conformal prediction calibrated on cross-fitted scores of "
            f"{calibration.index.nunique()} training {counted}; "
            + lesions_line(cohort, lesions.index)
        ),
        simulated=is_simulated(cohort),
    )
    return table, coverage, figure


def _of(explained: Explanations, model: str, lesions: pd.Index) -> Explanation:
    """Return a model's most detailed explanation of some lesions by the full fit."""
    from spl_kedro.explainability.study import FULL_FIT

    traced = (model, "traced", FULL_FIT)
    key = traced if traced in explained else (model, "inputs", FULL_FIT)
    return _narrow(explained[key], lesions)


def _narrow(explanation: Explanation, lesions: pd.Index) -> Explanation:
    kept = explanation.shap.index[explanation.shap.index.isin(lesions)]
    return replace(
        explanation,
        shap=explanation.shap.loc[kept],
        features=explanation.features.loc[kept],
        scores=explanation.scores.loc[kept],
    )


def _words(model: str, view: str, cohort: pd.DataFrame, values: pd.DataFrame) -> dict[str, Any]:
    from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

    inputs = "image and clinical features" if clinical_columns(cohort) else "image features"
    traced = f", traced to {inputs}" if view == "traced" else ""
    unseen = cohort.index[cohort["cohort"] != "training"]
    lesions = values["lesion_id"] if len(values) else unseen if len(unseen) else cohort.index
    return {
        "title": f"What moves the {MODEL_NAMES[model]} score{traced}",
        "subtitle": lesions_line(cohort, pd.Index(lesions.unique())),
        "simulated": is_simulated(cohort),
    }


def _examples(decided: pd.DataFrame) -> dict[str, str]:
    """Return the lesion in the middle of each outcome's scores."""
    from spl_kedro.explainability.figures_cam import OUTCOMES, outcome, spread_over_scores

    names = np.array([outcome(row.label, row.called) for row in decided.itertuples()], dtype=object)
    examples = {}
    for name in OUTCOMES:
        scores = decided.loc[names == name, "score"]
        if len(scores):
            middle = spread_over_scores(scores, len(scores))[len(scores) // 2]
            examples[middle] = name.capitalize()
    return examples
