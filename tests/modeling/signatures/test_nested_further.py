"""Features of further sources that every outer fold has its own of."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.nesting import ALL, context_name
from spl_kedro.modeling.signatures.cross_fitting import cross_fit
from spl_kedro.modeling.signatures.declaration import SourceSettings
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.nested import NestedFeatures
from spl_kedro.modeling.signatures.settings import ProtocolSettings
from spl_kedro.modeling.signatures.sources import declared_tables

LESIONS = pd.Index([f"L{k}" for k in range(8)], name="lesion_id")
LABEL = np.tile([0, 1], 4)
FOLD = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def folds():
    return pd.DataFrame({"repeat": 0, "fold": FOLD}, index=LESIONS)


def table():
    return pd.DataFrame({"plain": np.arange(8.0), "own": np.full(8, -1.0)}, index=LESIONS)


def nested_rows(in_fold):
    """Rows of both folds: `in_fold` says what `own` is."""
    parts = []
    for fold in (0, 1):
        unseen = fold == FOLD
        own = in_fold(fold, unseen)
        rows = pd.DataFrame(
            {"context": context_name(0, fold), "unseen": unseen, "own": own}, LESIONS
        )
        parts.append(rows)
    return pd.concat(parts)


def test_a_fold_reads_its_own_features_and_the_final_fit_those_of_the_table():
    nested = NestedFeatures(
        folds(), None, (nested_rows(lambda fold, _: fold + np.arange(8.0) / 10),)
    )
    learnt = nested.learnt(table().iloc[4:], context_name(0, 0))
    assert learnt["own"].tolist() == [0.4, 0.5, 0.6, 0.7]
    assert learnt["plain"].tolist() == [4, 5, 6, 7]
    (unseen,) = nested.unseen(table().iloc[4:], context_name(0, 1))
    assert unseen["own"].tolist() == [1.4, 1.5, 1.6, 1.7]
    assert (nested.learnt(table(), ALL)["own"] == -1).all()
    nested.check(table())


def test_networks_and_further_features_are_nested_side_by_side():
    rows = [
        {
            "lesion_id": name,
            "context": context_name(0, 0),
            "network": f"fold_{k}",
            "plain": 10.0 * k,
        }
        for k in (1, 2)
        for name in LESIONS[:4]
    ]
    embeddings = pd.DataFrame(rows).set_index("lesion_id")
    nested = NestedFeatures(folds(), embeddings, (nested_rows(lambda fold, _: 7.0),))
    tables = nested.unseen(table().iloc[:4], context_name(0, 0))
    assert [part["plain"].iloc[0] for part in tables] == [10, 20]
    assert all((part["own"] == 7).all() for part in tables)


def test_features_made_for_other_folds_are_refused():
    moved = nested_rows(lambda fold, _: 0.0)
    moved["unseen"] = ~moved["unseen"]
    nested = NestedFeatures(folds(), None, (moved,))
    with pytest.raises(UnusableStudyError, match="made for other folds, of which L0"):
        nested.unseen(table().iloc[:4], context_name(0, 0))
    lacking = NestedFeatures(folds(), None, (moved.drop(index="L5"),))
    with pytest.raises(UnusableStudyError, match="1 lesions have none, L5 among them"):
        lacking.learnt(table().iloc[4:], context_name(0, 0))


def test_cross_fitting_learns_and_scores_by_the_features_of_each_fold():
    # In each fold `own` is the label, with a sign of the fold's own: only these fit together.
    rows = nested_rows(lambda fold, _: (1 - 2 * fold) * (LABEL - 0.5))
    nested = NestedFeatures(folds(), None, (rows,))
    splits = nested.splits(
        LESIONS, LABEL, LESIONS.to_numpy(), ProtocolSettings(n_splits=2, n_repeats=1)
    )
    model = FeatureSignature(columns=["own"], cv=None)
    found = cross_fit({"m": model}, table(), LABEL, LESIONS.to_numpy(), splits, 1, nested=nested)
    scores = found["m"].scores[0]
    assert scores[LABEL == 1].min() > scores[LABEL == 0].max()


def test_the_names_of_nested_features_are_those_of_the_sources_table():
    features = table()[["own"]]
    further = {"parts": {"features": features, "nested": nested_rows(lambda fold, _: 0.0)}}
    found = declared_tables({"parts": SourceSettings()}, {}, further)["parts"]
    assert list(found.features.columns) == ["parts__own"]
    assert list(found.nested.columns) == ["context", "unseen", "parts__own"]
