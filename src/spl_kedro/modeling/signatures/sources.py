"""A source of image features as a value: which columns, how repeatable, made how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.declaration import SourceSettings

#: How far a source's features know the labels of the lesions they describe.
Labels = Literal["unseen", "nested", "cross_fitted", "in_sample"]

#: What a missing value of a source's features is.
Missing = Literal["refused", "median"]

#: Between the name of a further source and that of its feature.
SEPARATOR = "__"


class SourceTables(NamedTuple):
    """What is stored of one source.

    Attributes
    ----------
    features : DataFrame
        Index lesion_id, one column per feature.
    schema : DataFrame or None
        Index feature, column ``degenerate``: constant, or rounding noise, by construction.
    stability : DataFrame or None
        Index feature, columns ``icc`` and ``icc_low``; may be empty.
    labels : {"unseen", "nested", "cross_fitted", "in_sample"}
        Whether what made the features learnt from labels, and from whose: from none; in each
        fit, from other lesions of that fit; from those of any other lesions than the training
        lesion described; from its own too.
    made_by : mapping of str to Any
        Settings they were made with, the preset among them.
    components : int or None
        How many principal components stand for them in a model; None: they stand for themselves.
    missing : {"refused", "median"}
        Whether a value may be missing; the median of each fit's lesions then stands for it.
    nested : DataFrame or None
        The features of training lesions where each outer fold has its own, as
        :class:`spl_kedro.modeling.signatures.nested.NestedFeatures` takes them.
    """

    features: pd.DataFrame
    schema: pd.DataFrame | None = None
    stability: pd.DataFrame | None = None
    labels: Labels = "unseen"
    made_by: Mapping[str, Any] = {}
    components: int | None = None
    missing: Missing = "refused"
    nested: pd.DataFrame | None = None


@dataclass(frozen=True)
class FeatureSource:
    """The features of one source, as far as a model needs to know them.

    Attributes
    ----------
    name : str
        As the study declares it.
    columns : tuple of str
        Its columns in the wide table, without the degenerate ones.
    degenerate : tuple of str
        Columns that hold rounding noise or constants by construction.
    stability : mapping of str to float
        Repeatability (ICC) of features; those it does not name were not measured twice.
    labels : {"unseen", "nested", "cross_fitted", "in_sample"}
        As in :class:`SourceTables`.
    made_by : mapping of str to Any
    components : int or None
        How many principal components stand for the columns in a model, fitted in each of its
        fits; None where the columns stand for themselves.
    missing : {"refused", "median"}
        As in :class:`SourceTables`.
    """

    name: str
    columns: tuple[str, ...]
    degenerate: tuple[str, ...] = ()
    stability: Mapping[str, float] = field(default_factory=dict)
    labels: Labels = "unseen"
    made_by: Mapping[str, Any] = field(default_factory=dict)
    components: int | None = None
    missing: Missing = "refused"

    @property
    def component_names(self) -> str:
        """What the names of its components begin with."""
        return "dtl_" if self.name == "deep" else f"{self.name}{SEPARATOR}component_"

    def allowed(self, *, degenerate: bool = False) -> list[str]:
        """Return the columns a model may read; with `degenerate` those too, at the end."""
        return [*self.columns, *(self.degenerate if degenerate else ())]


def feature_source(name: str, tables: SourceTables, icc_bound: str = "icc") -> FeatureSource:
    """Describe the source that some tables hold.

    Parameters
    ----------
    name : str
    tables : SourceTables
    icc_bound : {"icc", "icc_low"}
        The ICC itself, or the lower end of its interval.

    Returns
    -------
    FeatureSource
    """
    schema, stability = tables.schema, tables.stability
    flagged: set[Any] = set()
    if schema is not None and len(schema):
        flagged = set(schema.index[schema["degenerate"].astype(bool)])
    known: dict[str, float] = {}
    if stability is not None and icc_bound in stability:
        known = {str(key): float(value) for key, value in stability[icc_bound].items()}
    names = list(tables.features.columns)
    return FeatureSource(
        name=name,
        columns=tuple(column for column in names if column not in flagged),
        degenerate=tuple(column for column in names if column in flagged),
        stability=known,
        labels=tables.labels,
        made_by=dict(tables.made_by),
        components=tables.components,
        missing=tables.missing,
    )


def declared_tables(
    declared: Mapping[str, SourceSettings],
    own: Mapping[str, SourceTables],
    further: Mapping[str, Mapping[str, pd.DataFrame]],
) -> dict[str, SourceTables]:
    """Return the tables of the declared sources, those measured here and those brought along.

    Parameters
    ----------
    declared : mapping of str to SourceSettings
        By name, in the order their columns stand in.
    own : mapping of str to SourceTables
        What this project's pipelines measure.
    further : mapping of str to mapping of str to DataFrame
        Tables of further sources by name: ``features`` and, if there are, ``schema``,
        ``stability`` and ``nested``.

    Raises
    ------
    UnusableStudyError
        If a declared source has no tables, or a source brought along is not declared or has the
        name of one measured here.
    """
    there = f"tables exist for {', '.join([*own, *further])}"
    for name in further:
        if name in own or name not in declared:
            what = "is measured here already" if name in own else "is not in modeling.sources"
            raise UnusableStudyError(
                "sources of features declared once",
                f"the catalog's further_features holds '{name}', which {what}.",
                "Give it a name of its own in further_features and in modeling.sources.",
            )
    for name in declared:
        if name not in own and "features" not in further.get(name, {}):
            raise UnusableStudyError(
                "a table for each source of features",
                f"modeling.sources names '{name}'; {there}.",
                f"Add the table under further_features.sources.{name}.features in the catalog.",
            )
    found = {}
    for name, settings in declared.items():
        tables = own[name] if name in own else _prefixed(name, further[name])
        if settings.components is not None:
            tables = tables._replace(components=settings.components)
        found[name] = tables._replace(missing=settings.missing)
    return found


def _prefixed(source: str, tables: Mapping[str, pd.DataFrame]) -> SourceTables:
    """Put the source's name before its features, so that nobody takes them for another's."""

    def name(feature: Any) -> str:
        return f"{source}{SEPARATOR}{feature}"

    schema, stability = tables.get("schema"), tables.get("stability")
    features, nested = tables["features"], tables.get("nested")
    renamed = {feature: name(feature) for feature in features.columns}
    return SourceTables(
        features=features.rename(columns=renamed),
        schema=None if schema is None else schema.rename(index=name),
        stability=None if stability is None else stability.rename(index=name),
        nested=None if nested is None else nested.rename(columns=renamed),
    )
