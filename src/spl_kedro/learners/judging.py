"""How good the learners are, beside the study's own model, and whether one should replace it."""

from __future__ import annotations

import pandas as pd

from spl_kedro.modeling.evaluation.beside import (
    differences_beside,
    measures_beside,
    model_to_keep,
)
from spl_kedro.modeling.evaluation.settings import EvaluationSettings

KEY = ["cohort", "model"]


def learner_table(
    learners: pd.DataFrame,
    study: pd.DataFrame,
    not_run: pd.DataFrame,
    beside: str,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Measure learners and the model beside them, and compare each with it.

    Parameters
    ----------
    learners : DataFrame
        Scores of the learners, as `spl_kedro.schemas.Predictions`.
    study : DataFrame
        Scores of the study's own models, of the same lesions and folds.
    not_run : DataFrame
        learner, reason.
    beside : str
        The model of the study they are compared with.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per cohort and model, the study's own first: the columns of `measures_beside`;
        role (``study`` or ``learner``); difference of the AUC to the study's own with its
        interval, p, p_holm (over the learners of the cohort), test; kept, whether cross-fitted
        training lesions say that this is the model to keep; note, why a learner was not run.
    """
    own = study[(study["model"] == beside) & study["protocol"].isin(set(learners["protocol"]))]
    names = list(dict.fromkeys(learners["model"]))
    scores = pd.concat([own, learners], ignore_index=True)
    measures = measures_beside(scores, (beside, *names), settings)
    pairs = differences_beside(scores, [(beside, name) for name in names], settings)
    told = dict(zip(not_run["learner"], not_run["reason"], strict=True))
    cohorts = list(measures["cohort"].drop_duplicates())
    rows = pd.MultiIndex.from_product([cohorts, (beside, *names, *told)], names=KEY)
    found = measures.merge(pairs.drop(columns=["base", "confidence"]), "left", KEY)
    table = found.set_index(KEY).reindex(rows).reset_index()
    # How many were measured is the same for a learner that was not run.
    size = ["n", "events", "unit", "confidence"]
    table[size] = table.groupby("cohort", sort=False)[size].transform("first")
    return table.astype({"n": "int64", "events": "int64"}).assign(
        role=["study" if name == beside else "learner" for name in table["model"]],
        kept=table["model"] == model_to_keep(measures, pairs, beside),
        test=table["test"].fillna(""),
        note=[told.get(name, "") for name in table["model"]],
    )
