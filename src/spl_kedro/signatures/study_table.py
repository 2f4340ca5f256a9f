"""The one wide table all signatures are fitted on, and who its columns belong to."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.schemas import clinical_columns
from spl_kedro.signatures.harmonisation import SITE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StudyTable:
    """Lesions with all their features, and what the protocols need to know of them.

    Attributes
    ----------
    X : DataFrame
        Index lesion_id; site, clinical, radiomics and deep columns side by side. The site is
        read by harmonisation alone.
    label : Series of int
        0 benign, 1 malignant.
    patient_id, cohort : Series of str
    clinical, radiomics, deep : list of str
        Columns by family; `radiomics` without the degenerate ones.
    known_before : list of str
        Clinical variables known before the image is read.
    degenerate : list of str
        Radiomics columns that hold rounding noise or constants by construction.
    icc : mapping of str to float
        Repeatability of the radiomics features; empty without a second reader.
    deep_fold : Series of int
        Fold of the network that made a training lesion's deep features; may be empty.
    """

    X: pd.DataFrame
    label: pd.Series
    patient_id: pd.Series
    cohort: pd.Series
    clinical: list[str]
    radiomics: list[str]
    deep: list[str]
    known_before: list[str] = field(default_factory=list)
    degenerate: list[str] = field(default_factory=list)
    icc: Mapping[str, float] = field(default_factory=dict)
    deep_fold: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))

    def rows(self, *cohorts: str) -> NDArray[np.int64]:
        """Return the row positions of some cohorts."""
        return np.flatnonzero(self.cohort.isin(cohorts).to_numpy())


def assemble_study_table(
    cohort: pd.DataFrame,
    radiomics: pd.DataFrame,
    deep: pd.DataFrame,
    schema: pd.DataFrame,
    stability: pd.DataFrame,
    deep_folds: pd.DataFrame,
    *,
    icc_bound: str = "icc",
    exclude: tuple[str, ...] = (),
    read_from_image: Collection[str] = (),
) -> StudyTable:
    """Join the feature tables on the lesions they share.

    Parameters
    ----------
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    radiomics, deep : DataFrame
        Index lesion_id, one column per feature.
    schema : DataFrame
        Index feature, column ``degenerate``.
    stability : DataFrame
        Index feature, columns ``icc`` and ``icc_low``; may be empty.
    deep_folds : DataFrame
        Index lesion_id, column ``fold``.
    icc_bound : {"icc", "icc_low"}
    exclude : tuple of str
        Clinical variables no model may use.
    read_from_image : collection of str
        Clinical variables that a reader takes from the image; the others are known before.

    Returns
    -------
    StudyTable
        Lesions in the cohort's order; those missing from a feature table are logged.

    Raises
    ------
    ValueError
        If a name is used twice, a cohort has one class only, or an excluded variable
        does not exist.
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
    names = [SITE, *clinical, *radiomics.columns, *deep.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    if twice:
        raise ValueError(f"Column names occur in two tables: {', '.join(twice)}. Rename them.")
    shared = cohort.index[cohort.index.isin(radiomics.index) & cohort.index.isin(deep.index)]
    lost = cohort.index.difference(shared)
    if len(lost):
        logger.warning(
            "%d of %d lesions have no radiomics or deep features and are left out: %s",
            len(lost),
            len(cohort),
            ", ".join(map(str, lost[:5])) + (" ..." if len(lost) > 5 else ""),
        )
    kept = cohort.loc[shared]
    _refuse_one_class(kept)
    degenerate = set(schema.index[schema["degenerate"].astype(bool)]) if len(schema) else set()
    known = stability[icc_bound] if icc_bound in stability else pd.Series(dtype="float64")
    return StudyTable(
        X=pd.concat([kept[[SITE, *clinical]], radiomics.loc[shared], deep.loc[shared]], axis=1),
        label=kept["label"].astype("int64"),
        patient_id=kept["patient_id"],
        cohort=kept["cohort"],
        clinical=clinical,
        known_before=[name for name in clinical if name not in read_from_image],
        radiomics=[name for name in radiomics.columns if name not in degenerate],
        deep=list(deep.columns),
        degenerate=[name for name in radiomics.columns if name in degenerate],
        icc={str(name): float(value) for name, value in known.items()},
        deep_fold=deep_folds["fold"].reindex(shared).dropna().astype("int64"),
    )


def _repeats(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _refuse_one_class(cohort: pd.DataFrame) -> None:
    training = cohort.loc[cohort["cohort"] == "training"]
    patients = training.groupby("label")["patient_id"].nunique().reindex([0, 1], fill_value=0)
    if patients.min() < 2:
        raise UnusableStudyError(
            "two patients of each class to cross-validate",
            f"the training cohort has {patients[0]} benign and {patients[1]} malignant patients.",
            "Enlarge the cohort, or the training part of the split.",
        )
