"""Titles and notes that several figures share."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.schemas import is_simulated

PROTOCOL = "leak_free"


def lesions_line(cohort: pd.DataFrame, lesions: pd.Index) -> str:
    """Return which lesions a figure shows: cohorts, number, malignant ones, protocol."""
    from spl_kedro.modeling.evaluation.figures.style import PROTOCOL_NAMES

    shown = cohort.loc[lesions]
    names = " and ".join(dict.fromkeys(shown["cohort"]))
    malignant = int(shown["label"].sum())
    return (
        f"{names.capitalize()} cohort, n = {len(shown)} ({malignant} malignant), "
        f"{PROTOCOL_NAMES[PROTOCOL]}"
    )


def shown_cohorts(chosen: Sequence[str], cohorts: pd.Series) -> tuple[str, ...]:
    """Return the chosen cohorts that have lesions; training where none has, all else is sealed.

    Training lesions are explained by models and networks that left them out.
    """
    present = set(cohorts)
    return tuple(name for name in chosen if name in present) or ("training",)


def sealed_drawing(title: str, cohort: pd.DataFrame) -> Drawing:
    """Return a figure that says why it shows nothing: the lesions it needs are sealed."""
    from spl_kedro.modeling.evaluation.figures.cohort import sealed_figure

    training = cohort.index[cohort["cohort"] == "training"]
    subtitle = lesions_line(cohort, training)
    return Drawing(sealed_figure, title, subtitle, simulated=is_simulated(cohort))


def scores_of(predictions: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return a model's leak-free rows of the predictions, by lesion.

    Raises
    ------
    UnusableStudyError
        If there are none: Clinical is absent in a study without clinical variables.
    """
    leak_free = predictions[predictions["protocol"] == PROTOCOL]
    rows = leak_free[leak_free["model"] == model].set_index("lesion_id")
    if rows.empty:
        raise UnusableStudyError(
            "a model that the study has",
            f"the predictions hold no score of {model}, only of "
            f"{', '.join(dict.fromkeys(leak_free['model']))}.",
            "Set explainability.conformal.model and explainability.gradcam.decided_by to one of "
            "these.",
        )
    return rows


def decisions(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, model: str, cohorts: tuple[str, ...]
) -> pd.DataFrame:
    """Return what a model decides at its operating threshold.

    Of the scores of a cross-fitted training lesion that of the first repeat, in whose folds the
    signatures are refitted to explain it.

    Parameters
    ----------
    predictions, thresholds : DataFrame
        The catalog's tables.
    model : str
        Whose scores.
    cohorts : tuple of str
        Whose lesions.

    Returns
    -------
    DataFrame
        Index ``lesion_id``; ``cohort``, ``label``, ``score`` and ``called`` (1 at or above the
        threshold).

    Raises
    ------
    UnusableStudyError
        If the study has no such model.
    """
    scored = scores_of(predictions, model)
    rows = scored[scored["cohort"].isin(cohorts) & (scored["repeat"] == 0)]
    chosen = thresholds[(thresholds["model"] == model) & (thresholds["protocol"] == PROTOCOL)]
    threshold = float(chosen["threshold"].iloc[0])
    return rows[["cohort", "label", "score"]].assign(
        called=(rows["score"] >= threshold).astype(int)
    )
