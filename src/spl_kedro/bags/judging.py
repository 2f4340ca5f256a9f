"""How good each way from images to a patient's score is, and which one to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from spl_kedro.modeling.evaluation.beside import (
    MEASURE_COLUMNS,
    PAIR_COLUMNS,
    differences_beside,
    measures_beside,
    model_to_keep,
)
from spl_kedro.modeling.evaluation.settings import EvaluationSettings


def judge_bags(
    scores: pd.DataFrame, ways: Mapping[str, Sequence[str]], settings: EvaluationSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every way of every model, and compare the learnt ones with both rules.

    Parameters
    ----------
    scores : DataFrame
        From `spl_kedro.bags.board.run_bags`.
    ways : mapping of str to sequence of str
        Names of the scores of each model: the mean, the largest, then those that are learnt.
    settings : EvaluationSettings
        Patients are what is measured, whatever its pooling.

    Returns
    -------
    measures : DataFrame
        As `spl_kedro.modeling.evaluation.beside.measures_beside`, and kept, whether cross-fitted
        training patients say that this is the way to keep for its model.
    differences : DataFrame
        As `spl_kedro.modeling.evaluation.beside.differences_beside`; Holm over all pairs of a
        cohort.
    """
    if scores.empty:
        measures = pd.DataFrame(columns=[*MEASURE_COLUMNS, "kept"])
        return measures, pd.DataFrame(columns=list(PAIR_COLUMNS))
    # The scores are patients' already.
    of_patients = settings.model_copy(update={"pooling": "mean"})
    names = [name for own in ways.values() for name in own]
    pairs = [
        (base, name)
        for own in ways.values()
        for place, base in enumerate(own[:2])
        for name in own[1 + place :]
    ]
    measures = measures_beside(scores, names, of_patients)
    differences = differences_beside(scores, pairs, of_patients)
    kept = {model_to_keep(measures, differences, own[0]) for own in ways.values()}
    return measures.assign(kept=measures["model"].isin(kept)), differences
