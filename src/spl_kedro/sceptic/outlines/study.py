"""All lesions under all outlines: what becomes of features and of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from spl_kedro.features.measurement.stability import compare_outlines
from spl_kedro.features.radiomics import feature_schema
from spl_kedro.sceptic.outlines.changes import ORIGINAL, Change
from spl_kedro.sceptic.outlines.distances import outline_table
from spl_kedro.sceptic.outlines.inputs import OutlineInputs
from spl_kedro.sceptic.outlines.measuring import features_under
from spl_kedro.sceptic.outlines.scoring import refuse_other_scores, score_tables

_KEYS = ["lesion_id", "kind", "size"]


class Examined(NamedTuple):
    """What other outlines make of a study.

    Attributes
    ----------
    features : DataFrame
        See :func:`feature_rows`; a row for each feature and change.
    scores : DataFrame
        See :func:`score_rows`; a row for each lesion, model and outline, the original too.
    outlines : DataFrame
        As :func:`.distances.outline_table`, with `measured`; a row for each lesion and change.
    """

    features: pd.DataFrame
    scores: pd.DataFrame
    outlines: pd.DataFrame


def examine_outlines(inputs: OutlineInputs) -> Examined:
    """Measure and score the study's lesions under every outline.

    Nothing is fitted. The tables depend on the study, its lesions and the settings alone.

    Parameters
    ----------
    inputs : OutlineInputs

    Returns
    -------
    Examined

    Raises
    ------
    UnusableStudyError
        If no model can be asked, or the original outlines do not give the study's own scores.
    """
    _ = inputs.models  # refused before anything is measured
    readers = {change: inputs.outlined(change) for change in inputs.changes}
    readers = {change: own for change, own in readers.items() if own}
    others = {change: own for change, own in readers.items() if change.kind != ORIGINAL}
    outlines = outline_table(readers[inputs.changes[0]], others)
    training = inputs.table.lesions("training")
    features, scores, measured = [], [], []
    first: list[pd.DataFrame] = []
    for change, tables in features_under(inputs, readers):
        scored = score_tables(inputs, tables)
        if change.kind == ORIGINAL:
            refuse_other_scores(inputs, scored)
            first = [table.loc[table.index.isin(training)] for table in tables]
        else:
            features.append(feature_rows(inputs, change, first, tables))
        scores.append(scored.assign(kind=change.kind, size=change.size, unit=change.unit))
        measured += [(name, change.kind, change.size) for name in tables[0].index]
    there = pd.DataFrame(measured, columns=_KEYS).assign(measured=True)
    outlines = outlines.merge(there, how="left", on=_KEYS)
    outlines["measured"] = outlines["measured"].notna()
    return Examined(
        pd.concat(features, ignore_index=True),
        score_rows(inputs, pd.concat(scores, ignore_index=True), outlines),
        outlines,
    )


def feature_rows(
    inputs: OutlineInputs,
    change: Change,
    first: Sequence[pd.DataFrame],
    tables: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """Return the ICC of every feature between the original outline and another.

    By the definition of the study's stability (`radiomics.stability`), on training lesions. Deep
    features are compared where one network embeds all lesions.

    Parameters
    ----------
    inputs : OutlineInputs
    change : Change
    first, tables : sequence of DataFrame
        Features under the original outlines, of training lesions, and under the others.

    Returns
    -------
    DataFrame
        Columns feature, source, feature_class, degenerate, used_by (main models whose final fit
        selected it, joined by a comma), kind, size, unit; icc, icc_low, icc_high, consistency and
        agreement with bounds, stable, threshold, lesions, confidence.
    """
    known = _feature_facts(inputs, first[0])
    pair = [table[known.index] for table in (first[0], tables[0])]
    stability = inputs.radiomics.stability
    found = compare_outlines(pair, change.name, stability).drop(columns=["source", "outlines"])
    told = known.assign(kind=change.kind, size=change.size, unit=change.unit)
    return told.join(found).reset_index()


def _feature_facts(inputs: OutlineInputs, features: pd.DataFrame) -> pd.DataFrame:
    """Return source, class and use of each feature that is compared, by feature."""
    radiomics = feature_schema(inputs.radiomics.extraction.preset)
    if "deep" in inputs.sources and not inputs.deep.frozen:
        features = features[[name for name in features.columns if name in radiomics.index]]
    is_radiomics = features.columns.isin(radiomics.index)
    facts = pd.DataFrame(index=pd.Index(features.columns, name="feature", dtype="str"))
    facts["source"] = pd.Series(is_radiomics, facts.index).map({True: "radiomics", False: "deep"})
    facts["feature_class"] = radiomics["feature_class"].reindex(facts.index).fillna("deep")
    degenerate = radiomics["degenerate"].reindex(facts.index)
    facts["degenerate"] = degenerate.eq(True)
    facts["used_by"] = ""
    for name in inputs.models:
        used = facts.index.isin(list(inputs.fitted.models[name].selected_features_))
        facts.loc[used, "used_by"] += f",{name}"
    facts["used_by"] = facts["used_by"].str.removeprefix(",")
    return facts


def score_rows(inputs: OutlineInputs, scores: pd.DataFrame, outlines: pd.DataFrame) -> pd.DataFrame:
    """Return the scores under every outline beside those under the original.

    Parameters
    ----------
    inputs : OutlineInputs
    scores : DataFrame
        Rows of ``schemas.Predictions`` with kind, size and unit.
    outlines : DataFrame
        As :class:`Examined` has them.

    Returns
    -------
    DataFrame
        Columns lesion_id, patient_id, label, model, protocol, cohort, repeat, fold, score; kind,
        size, unit; distance and dice of the outline; original, the score under the original
        outline; threshold of the model; flipped, whether the decision at it is another one.
    """
    pair = ["lesion_id", "model"]
    own = scores[scores["kind"] == ORIGINAL].set_index(pair)["score"].rename("original")
    table = scores.merge(outlines[[*_KEYS, "distance", "dice"]], how="left", on=_KEYS)
    original = table["kind"] == ORIGINAL
    table.loc[original, "distance"], table.loc[original, "dice"] = 0.0, 1.0
    # A lesion that its own outline does not measure is in no study.
    table = table.join(own, on=pair, how="inner")
    stated = inputs.fitted.thresholds
    cut = stated[stated["protocol"] == inputs.fitted.protocol].set_index("model")["threshold"]
    table["threshold"] = table["model"].map(cut)
    above, before = (table[name] >= table["threshold"] for name in ("score", "original"))
    table["flipped"] = above != before
    return table.reset_index(drop=True)
