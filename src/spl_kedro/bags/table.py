"""The study's table with a row for each patient instead of each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from spl_kedro.bags.settings import Statistic
from spl_kedro.modeling.signatures.nested import NestedFeatures
from spl_kedro.modeling.signatures.sources import FeatureSource
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.tabular import plain_names

#: Between a feature and what a bag says of it; the mean keeps the feature's own name.
MARK = "|"


def has_bags(table: StudyTable) -> bool:
    """Tell whether some training patient has several images."""
    return bool(table.patient_id[table.cohort == "training"].duplicated().any())


def bag_table(table: StudyTable, statistics: Sequence[Statistic]) -> StudyTable:
    """Put the images of each patient into one row.

    An image feature becomes its statistics over the patient's images; they know no label. Where
    every training patient has one image, the mean alone is taken: of one image the others say
    nothing, so that a bag of one is the image itself. Clinical variables and site are those of the
    patient's first image by its identifier; a patient is malignant if any image is.

    Parameters
    ----------
    table : StudyTable
        Of images.
    statistics : sequence of {"mean", "max", "std"}
        The standard deviation is that of the images at hand (divided by their number), 0 of one.

    Returns
    -------
    StudyTable
        Of patients, in the order in which their first rows come; ``lesion_id`` is the patient's.
        A statistic is as repeatable (ICC) as its feature.
    """
    taken = tuple(statistics) if has_bags(table) else ("mean",)
    patient = table.patient_id
    order = pd.Index(patient.unique(), name="lesion_id")
    features = [
        name for source in table.sources.values() for name in source.allowed(degenerate=True)
    ]
    others = [name for name in table.X.columns if name not in set(features)]
    ordered = patient.sort_index()
    first = ordered[~ordered.duplicated()]
    told = table.X.loc[first.index, others].set_axis(first.to_numpy()).loc[order]
    bags = _over_images(table.X[features], [patient.to_numpy()], taken).loc[order]
    X = pd.concat([told.set_axis(order), bags.set_axis(order)], axis=1)
    who = pd.Series(order, order)
    return StudyTable(
        X=plain_names(X),
        label=table.label.groupby(patient).max().loc[order].set_axis(order),
        patient_id=who,
        cohort=table.cohort.groupby(patient).first().loc[order].set_axis(order),
        clinical=table.clinical,
        known_before=table.known_before,
        sources={name: _source(source, taken) for name, source in table.sources.items()},
        nested=None if table.nested is None else _nested(table.nested, patient, taken),
    )


def _over_images(X: pd.DataFrame, by: Any, statistics: Sequence[Statistic]) -> pd.DataFrame:
    """Return the statistics of each column over the rows of a group, side by side."""
    groups = X.groupby(by, sort=False)
    parts = []
    for statistic in statistics:
        part = groups.std(ddof=0) if statistic == "std" else groups.agg(statistic)
        parts.append(part.set_axis([_name(name, statistic) for name in X.columns], axis=1))
    return pd.concat(parts, axis=1)


def _name(feature: str, statistic: Statistic) -> str:
    return feature if statistic == "mean" else f"{feature}{MARK}{statistic}"


def _source(source: FeatureSource, statistics: Sequence[Statistic]) -> FeatureSource:
    def each(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(_name(name, statistic) for statistic in statistics for name in names)

    known = {
        _name(name, statistic): icc
        for statistic in statistics
        for name, icc in source.stability.items()
    }
    return replace(
        source, columns=each(source.columns), degenerate=each(source.degenerate), stability=known
    )


def _nested(
    nested: NestedFeatures, patient: pd.Series, statistics: Sequence[Statistic]
) -> NestedFeatures:
    """Return the same of features that every fit has its own of."""
    folds = nested.folds.assign(patient=patient.reindex(nested.folds.index))
    folds = folds.dropna(subset=["patient"]).drop_duplicates(["patient", "repeat"])
    folds = folds.set_index(folds["patient"].rename("lesion_id")).drop(columns="patient")
    embeddings = nested.embeddings
    if embeddings is not None:
        embeddings = _in_contexts(embeddings, "network", patient, statistics)
    further = (_in_contexts(rows, "unseen", patient, statistics) for rows in nested.further)
    return NestedFeatures(folds, embeddings, tuple(further))


def _in_contexts(
    rows: pd.DataFrame, beside: str, patient: pd.Series, statistics: Sequence[Statistic]
) -> pd.DataFrame:
    """Return the statistics over a patient's images in each context, and what stands beside it."""
    rows = rows[rows.index.isin(patient.index)]
    keys = ["context", beside]
    by = [*(rows[key].to_numpy() for key in keys), patient.loc[rows.index].to_numpy()]
    bags = _over_images(rows.drop(columns=keys), by, statistics)
    return bags.rename_axis([*keys, "lesion_id"]).reset_index(keys)
