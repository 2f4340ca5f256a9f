"""Assign patients to the training, validation and external cohorts."""

from __future__ import annotations

import math

import pandas as pd
from sklearn.model_selection import train_test_split

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.schemas import COHORTS


def assign_cohorts(rows: pd.DataFrame, settings: CohortSettings) -> pd.Series:
    """Split by patient, stratified by label and site, before anything is fitted.

    Patients of an external site form the external cohort whole. The rest is divided at
    random; a patient counts as malignant if any lesion is. Strata (label within site) of
    fewer than two patients are joined to their label's; where there are more strata than
    validation patients, the labels alone are the strata. Where a frozen study is validated
    (`CohortSettings.as_external`), all lesions are external.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        Columns patient_id, site, label and cohort (the user's own split, or missing).
    settings : CohortSettings

    Returns
    -------
    Series of str, index `lesion_id`
        ``training``, ``validation`` or ``external``.

    Raises
    ------
    UnusableStudyError
        If the user's split holds unknown words or divides a patient, if a patient has
        lesions at an external and an internal site, or if there are too few patients of either
        class to divide.
    """
    if not settings.divided:
        return pd.Series("external", index=rows.index, name="cohort", dtype="str")
    if settings.columns.cohort is not None:
        return _users_split(rows, settings.columns.cohort)
    rule, chosen = "a split by patient", settings.split
    unknown = set(chosen.external_sites) - set(rows["site"])
    if unknown:
        raise UnusableStudyError(
            rule,
            f"data_processing.split.external_sites names {sorted(unknown)}, but the table's "
            f"sites are {sorted(set(rows['site']))}.",
            "Correct the names of the sites.",
        )
    external = rows["site"].isin(chosen.external_sites)
    both = set(rows.loc[external, "patient_id"]) & set(rows.loc[~external, "patient_id"])
    if both:
        raise UnusableStudyError(
            rule,
            f"{len(both)} patients have lesions at an external and an internal site, and would "
            "stand in two cohorts.",
            "Give each of them one site in the cohort table.",
        )
    patients = (
        rows[~external]
        .groupby("patient_id", sort=True)
        .agg(label=("label", "max"), site=("site", "first"))
    )
    counts = patients["label"].value_counts()
    parts = math.ceil(chosen.validation_fraction * len(patients))
    smaller = min(parts, len(patients) - parts)
    if len(counts) < 2 or counts.min() < 2 or smaller < 2:
        raise UnusableStudyError(
            rule,
            "it needs at least two benign and two malignant patients outside the external sites, "
            "and two in each part; "
            f"there are {counts.get(0, 0)} benign and {counts.get(1, 0)} malignant, and the "
            f"smaller part would have {smaller}.",
            "Add patients, name your own split (data_processing.columns.cohort), or change "
            "data_processing.split.validation_fraction.",
        )
    labels = patients["label"].astype(str)
    strata = labels + patients["site"]
    strata = strata.mask(strata.map(strata.value_counts()) < 2, labels)
    if strata.value_counts().min() < 2 or strata.nunique() > smaller:
        strata = labels
    _, validation = train_test_split(
        patients.index.to_numpy(),
        test_size=chosen.validation_fraction,
        stratify=strata,
        random_state=chosen.seed,
    )
    cohort = pd.Series("training", index=rows.index, name="cohort")
    cohort[rows["patient_id"].isin(validation)] = "validation"
    cohort[external] = "external"
    return cohort


def _users_split(rows: pd.DataFrame, column: str) -> pd.Series:
    cohort = rows["cohort"].str.casefold()
    rule = f"a cohort for each patient in the column '{column}'"
    unknown = set(cohort.dropna()) - set(COHORTS)
    if unknown or cohort.isna().any():
        raise UnusableStudyError(
            rule,
            f"it holds {sorted(unknown)} and {int(cohort.isna().sum())} empty cells.",
            f"Write {', '.join(COHORTS)} in every row.",
        )
    divided = cohort.groupby(rows["patient_id"]).nunique().gt(1).sum()
    if divided:
        raise UnusableStudyError(
            rule, f"it puts {divided} patients in several cohorts.", "Give each patient one."
        )
    return cohort.rename("cohort")
