"""The one wide table all signatures are fitted on, and who its columns belong to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.nesting import ALL
from spl_kedro.modeling.signatures.harmonisation import SITE
from spl_kedro.modeling.signatures.nested import NestedFeatures
from spl_kedro.modeling.signatures.sources import FeatureSource, SourceTables, feature_source
from spl_kedro.schemas import clinical_columns
from spl_kedro.tabular import plain_names

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StudyTable:
    """Lesions with all their features, and what the protocols need to know of them.

    Attributes
    ----------
    X : DataFrame
        Index lesion_id; site, clinical variables and the sources' features side by side. The
        site is read by harmonisation alone.
    label : Series of int
        0 benign, 1 malignant.
    patient_id, cohort : Series of str
    clinical : list of str
        Clinical variables.
    known_before : list of str
        Those of them known before the image is read.
    sources : mapping of str to FeatureSource
        Image features by source.
    nested : NestedFeatures or None
        Columns that are others in every fit, where networks are trained inside each; `X` holds
        those of the fit on all training lesions, of unseen lesions the mean over its networks.
    """

    X: pd.DataFrame
    label: pd.Series
    patient_id: pd.Series
    cohort: pd.Series
    clinical: list[str]
    known_before: list[str] = field(default_factory=list)
    sources: Mapping[str, FeatureSource] = field(default_factory=dict)
    nested: NestedFeatures | None = None

    def rows(self, *cohorts: str) -> NDArray[np.int64]:
        """Return the row positions of some cohorts."""
        return np.flatnonzero(self.cohort.isin(cohorts).to_numpy())

    def lesions(self, *cohorts: str) -> pd.Index:
        """Return the lesion ids of some cohorts."""
        return self.X.index[self.cohort.isin(cohorts)]

    def learnt(self, lesions: pd.Index, context: str = ALL) -> pd.DataFrame:
        """Return the wide table of lesions that a fit learns from.

        Parameters
        ----------
        lesions : Index
        context : str
            Which fit: of an outer fold, or that on all training lesions.
        """
        X = self.X.loc[lesions]
        return X if self.nested is None else self.nested.learnt(X, context)

    def unseen(self, lesions: pd.Index, context: str = ALL) -> list[pd.DataFrame]:
        """Return the wide tables of lesions that a fit has not seen: one for each of its networks.

        Parameters
        ----------
        lesions : Index
        context : str
            Which fit: of an outer fold, or that on all training lesions.
        """
        X = self.X.loc[lesions]
        return [X] if self.nested is None or X.empty else self.nested.unseen(X, context)

    def variables(self, groups: Collection[str]) -> list[str]:
        """Return the clinical variables of some groups, in the table's order."""
        before = set(self.known_before)
        own = {True: "known_before", False: "read_from_image"}
        return [name for name in self.clinical if own[name in before] in groups]

    def features(self, sources: Iterable[str], *, degenerate: bool = False) -> list[str]:
        """Return the columns of some sources, those flagged degenerate only on request."""
        return [
            column
            for name in sources
            for column in self.sources[name].allowed(degenerate=degenerate)
        ]

    def stability(self, sources: Iterable[str]) -> dict[str, float]:
        """Return the repeatability of the features of some sources, where it is known."""
        known: dict[str, float] = {}
        for name in sources:
            known |= self.sources[name].stability
        return known


def assemble_study_table(
    cohort: pd.DataFrame,
    tables: Mapping[str, SourceTables],
    *,
    icc_bound: str = "icc",
    exclude: tuple[str, ...] = (),
    read_from_image: Collection[str] = (),
    nested: NestedFeatures | None = None,
) -> StudyTable:
    """Join the sources' tables on the lesions they share.

    Parameters
    ----------
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    tables : mapping of str to SourceTables
        By the source's name.
    icc_bound : {"icc", "icc_low"}
    exclude : tuple of str
        Clinical variables no model may use.
    read_from_image : collection of str
        Clinical variables that a reader takes from the image; the others are known before.
    nested : NestedFeatures, optional
        Columns that are others in every fit.

    Returns
    -------
    StudyTable
        Lesions in the cohort's order; those missing from a feature table are logged.

    Raises
    ------
    UnusableStudyError
        If a name is used twice, a training class has fewer than two patients, no lesion has
        every source's features, an excluded variable does not exist, or nested embeddings have
        other columns than the table.
    """
    clinical = clinical_columns(cohort)
    unknown = sorted(set(exclude) - set(clinical))
    if unknown:
        raise UnusableStudyError(
            "variables to exclude that exist",
            f"modeling.clinical.exclude names {', '.join(unknown)}, which the cohort does not "
            f"have; its clinical variables are {', '.join(clinical) or 'none'}.",
            "Correct the name; a variable that column_audit lists as left out needs no exclusion.",
        )
    clinical = [name for name in clinical if name not in exclude]
    features = [source.features for source in tables.values()]
    _refuse_repeats([SITE, *clinical, *(name for part in features for name in part.columns)])
    shared = cohort.index
    for part in features:
        shared = shared[shared.isin(part.index)]
    _report_lost(cohort, shared)
    kept = cohort.loc[shared]
    _refuse_one_class(kept)
    columns = [kept[[SITE, *clinical]], *(part.loc[shared] for part in features)]
    X = plain_names(pd.concat(columns, axis=1))
    if nested is not None:
        nested.check(X)
    return StudyTable(
        X=X,
        label=kept["label"].astype("int64"),
        patient_id=kept["patient_id"],
        cohort=kept["cohort"],
        clinical=clinical,
        known_before=[name for name in clinical if name not in read_from_image],
        sources={name: feature_source(name, part, icc_bound) for name, part in tables.items()},
        nested=nested,
    )


def _refuse_repeats(names: list[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise UnusableStudyError(
            "one name a column",
            f"Column names occur in two tables: {', '.join(twice[:5])}"
            + (" ..." if len(twice) > 5 else "."),
            "Rename them in one of the tables.",
        )


def _report_lost(cohort: pd.DataFrame, shared: pd.Index) -> None:
    lost = cohort.index.difference(shared)
    if len(lost):
        logger.warning(
            "%d of %d lesions lack the features of a source and are left out: %s",
            len(lost),
            len(cohort),
            ", ".join(map(str, lost[:5])) + (" ..." if len(lost) > 5 else ""),
        )


def _refuse_one_class(cohort: pd.DataFrame) -> None:
    training = cohort.loc[cohort["cohort"] == "training"]
    patients = training.groupby("label")["patient_id"].nunique().reindex([0, 1], fill_value=0)
    if patients.min() < 2:
        raise UnusableStudyError(
            "two patients of each class to cross-validate",
            f"the training cohort has {patients[0]} benign and {patients[1]} malignant patients.",
            "Enlarge the cohort, or the training part of the split.",
        )
