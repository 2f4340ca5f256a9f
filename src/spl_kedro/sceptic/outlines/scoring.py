"""Scores of the models that were fitted already, on features measured under other outlines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.nested import mean_score
from spl_kedro.modeling.signatures.protocol import prediction_rows
from spl_kedro.modeling.signatures.shared_work import sharing
from spl_kedro.sceptic.outlines.inputs import OutlineInputs

#: How far a score of the original outline may be from the study's own, which it must equal: other
#: processors round otherwise, other features make other scores.
SAME = 1e-6


def score_tables(inputs: OutlineInputs, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Score lesions by the study's models, each training lesion by those that left it out.

    Training lesions are scored by the models of the first repeat that were fitted without their
    fold, the others by the models fitted on all training lesions. Networks that were trained inside
    the folds are not kept: where there were any, training lesions have no score by a model that
    reads deep features.

    Parameters
    ----------
    inputs : OutlineInputs
    tables : sequence of DataFrame
        Features as :func:`.measuring.features_under` yields them.

    Returns
    -------
    DataFrame
        Rows of :class:`spl_kedro.schemas.Predictions`.
    """
    fitted, table = inputs.fitted, inputs.table
    wide = [_wide(inputs, features) for features in tables]
    lesions = wide[0].index
    folds = fitted.folds(table)
    folds = folds.loc[folds.index.isin(lesions)]
    others = lesions[~lesions.isin(table.lesions("training"))]
    parts = []
    with sharing():
        for fold in sorted(folds.unique()):
            own = folds.index[folds == fold]
            seen = [wide[0].loc[own]]
            for name in inputs.models:
                if inputs.reads_deep(name) and not inputs.deep.frozen:
                    continue
                score = mean_score(fitted.cross_fits[name].models[int(fold)], seen)
                parts.append(_rows(inputs, own, name, score, int(fold)))
        if len(others):
            unseen = [own.loc[others] for own in wide]
            for name in inputs.models:
                score = mean_score(fitted.models[name], unseen)
                parts.append(_rows(inputs, others, name, score, -1))
    if not parts:
        return fitted.predictions.iloc[:0]
    return pd.concat(parts, ignore_index=True)


def _rows(
    inputs: OutlineInputs, lesions: pd.Index, model: str, score: np.ndarray, fold: int
) -> pd.DataFrame:
    table = inputs.table
    places = table.X.index.get_indexer(lesions)
    return prediction_rows(table, places, model, inputs.fitted.protocol, score, fold)


def _wide(inputs: OutlineInputs, features: pd.DataFrame) -> pd.DataFrame:
    """Return the study's table of some lesions, with other features in the place of its own."""
    X = inputs.table.X
    lesions = X.index[X.index.isin(features.index)]
    own = X.columns[X.columns.isin(features.columns)]
    types = X.dtypes[own]
    # By type at once: a table of as many blocks as columns takes minutes to score.
    values = [features.loc[lesions, own[types == kind]].astype(kind) for kind in types.unique()]
    return pd.concat([X.loc[lesions].drop(columns=own), *values], axis=1)[list(X.columns)]


def refuse_other_scores(inputs: OutlineInputs, scores: pd.DataFrame) -> None:
    """Refuse to go on where the original outlines do not give the study's own scores.

    Parameters
    ----------
    inputs : OutlineInputs
    scores : DataFrame
        Of the original outlines, from :func:`score_tables`.

    Raises
    ------
    UnusableStudyError
        If a score differs by more than :data:`SAME`: images, outlines, parameters or programs are
        others than those the study was fitted with.
    """
    stated = inputs.fitted.predictions
    own = stated[stated["repeat"] == 0].set_index(["model", "lesion_id"])["score"]
    told = scores.set_index(["model", "lesion_id"])["score"]
    apart = (told - own.reindex(told.index)).abs().fillna(np.inf)
    if len(apart) and apart.max() > SAME:
        model, lesion = apart.index[int(apart.to_numpy().argmax())]
        raise UnusableStudyError(
            "the study's own scores from its own outlines",
            f"lesion {lesion}, measured anew, has another score by {model} than in the study's "
            f"predictions (apart by {apart.max():.2g}); {int((apart > SAME).sum())} of "
            f"{len(apart)} scores differ.",
            "Images, outlines, parameters or programs have changed since the study was fitted: run "
            "the study again, then this pipeline.",
        )
