"""Nodes that turn the models which add up into tables, and CDLR into a nomogram."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.pipelines.explainability.words import lesions_line
from spl_kedro.pipelines.types import FittedStudy
from spl_kedro.schemas import is_simulated


def tabulate_terms(
    fitted: FittedStudy,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return which models add up, what each answer adds, and CDLR's points and their scale."""
    from spl_kedro.explainability.additive import additive_models, additive_terms
    from spl_kedro.explainability.nomogram import nomogram

    models, terms = additive_models(fitted), additive_terms(fitted)
    return models, terms, *nomogram(models, terms)


def draw_nomogram(
    models: pd.DataFrame, points: pd.DataFrame, scale: pd.DataFrame, cohort: pd.DataFrame
) -> Drawing:
    """Draw the nomogram, or say why there is none."""
    from spl_kedro.explainability.figures_nomogram import no_nomogram_figure, nomogram_figure
    from spl_kedro.explainability.nomogram import NOMOGRAM_MODEL
    from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

    title, simulated = f"Nomogram of {MODEL_NAMES[NOMOGRAM_MODEL]}", is_simulated(cohort)
    if points.empty:
        statement = models.set_index("model")["statement"].loc[NOMOGRAM_MODEL]
        return Drawing(no_nomogram_figure, statement, title=title, simulated=simulated)
    return Drawing(
        nomogram_figure,
        points,
        scale,
        title=f"{title}: points of each predictor, and the probability of malignancy",
        subtitle=lesions_line(cohort, cohort.index[cohort["cohort"] == "training"]),
        simulated=simulated,
    )
