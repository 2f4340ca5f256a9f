"""Beside a new case's score: what refits of the model on resampled patients would have said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import ImageFeatures, clinical_table, wide_tables
from spl_kedro.modeling.signatures.nested import told_apart
from spl_kedro.sceptic.stability.measures import spread

#: Columns that stand beside a score.
REFITTED = ("refits", "refit_low", "refit_high", "refits_otherwise")
#: Cases whose refitted scores are in memory at a time.
_AT_ONCE = 2000


def with_refits(
    study: PackagedStudy, scores: pd.DataFrame, cases: pd.DataFrame, features: ImageFeatures
) -> pd.DataFrame:
    """Put the spread of the refits beside each score.

    The refits of a recalibrated model are moved by the same line as its score.

    Parameters
    ----------
    study : PackagedStudy
    scores : DataFrame
        From :func:`spl_kedro.deployment.scoring.score_cases`.
    cases : DataFrame
    features : ImageFeatures
        What the scores were made of.

    Returns
    -------
    DataFrame
        The scores with :data:`REFITTED`: refits (how many, 0 where none travel with the study or
        there is no score), the limits of the middle 95 % of their probabilities, and the share of
        them that decides otherwise.
    """
    found = scores.assign(refits=0, refit_low=np.nan, refit_high=np.nan, refits_otherwise=np.nan)
    sums = study.refit_sums
    if sums is None:
        return found
    measured = wide_tables(study, cases, features)
    known = scores[scores["score"].notna()]
    for model in (name for name in study.models if name in sums):
        own = known[known["model"] == model]
        tables = measured if study.sources_of(model) else [clinical_table(study, cases)]
        for first in range(0, len(own), _AT_ONCE):
            part = own.iloc[first : first + _AT_ONCE]
            chosen = [table.loc[part["lesion_id"]] for table in tables]
            refitted = refitted_scores(study, model, chosen)
            seen = spread(part["score"].to_numpy(), refitted, study.threshold(model))
            found.loc[part.index, "refits"] = sums.refits
            found.loc[part.index, list(REFITTED[1:])] = np.column_stack(seen)
    return found


def refitted_scores(study: PackagedStudy, model: str, tables: list[pd.DataFrame]) -> np.ndarray:
    """Return what every refit of a model says of some cases.

    Parameters
    ----------
    study : PackagedStudy
        With refits of the model.
    model : str
    tables : list of DataFrame
        The same cases, as each network sees them.

    Returns
    -------
    ndarray of float, shape (n_cases, n_refits)
        Probabilities of malignancy, averaged over networks, recalibrated where the study was.
    """
    assert study.refit_sums is not None
    own = told_apart(study.models[model], tables)
    each = [study.refit_sums.probabilities(model, table) for table in own]
    return study.sigmoid(model)(each[0] if len(each) == 1 else np.mean(each, axis=0))
