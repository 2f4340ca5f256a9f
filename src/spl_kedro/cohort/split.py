"""Assign patients to the training, validation and external cohorts."""

from __future__ import annotations

import pandas as pd
from sklearn.model_selection import train_test_split

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.schemas import COHORTS


def assign_cohorts(rows: pd.DataFrame, settings: CohortSettings) -> pd.Series:
    """Split by patient, stratified by label and site, before anything is fitted.

    Patients of an external site form the external cohort whole. The rest is divided at
    random; a patient counts as malignant if any lesion is. Strata (label within site) of
    fewer than two patients are joined to their label's.

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
    ValueError
        If the user's split holds unknown words or divides a patient, if a patient has
        lesions at an external and an internal site, or if either class has fewer than two
        patients to divide.
    """
    if settings.columns.cohort is not None:
        return _users_split(rows, settings.columns.cohort)
    unknown = set(settings.split.external_sites) - set(rows["site"])
    if unknown:
        raise ValueError(
            f"data_processing.split.external_sites names {sorted(unknown)}, but the table's "
            f"sites are {sorted(set(rows['site']))}."
        )
    external = rows["site"].isin(settings.split.external_sites)
    both = set(rows.loc[external, "patient_id"]) & set(rows.loc[~external, "patient_id"])
    if both:
        raise ValueError(
            f"{len(both)} patients have lesions at an external and an internal site; give them "
            "one site in the cohort table, or they would stand in two cohorts."
        )
    patients = (
        rows[~external]
        .groupby("patient_id", sort=True)
        .agg(label=("label", "max"), site=("site", "first"))
    )
    strata = patients["label"].astype(str) + patients["site"]
    small = strata.map(strata.value_counts()) < 2
    strata = strata.mask(small, patients["label"].astype(str))
    counts = patients["label"].value_counts()
    if len(counts) < 2 or counts.min() < 2 or strata.value_counts().min() < 2:
        raise ValueError(
            "The split needs at least two benign and two malignant patients outside the "
            f"external sites; there are {counts.get(0, 0)} benign and {counts.get(1, 0)} malignant."
        )
    _, validation = train_test_split(
        patients.index.to_numpy(),
        test_size=settings.split.validation_fraction,
        stratify=strata,
        random_state=settings.split.seed,
    )
    cohort = pd.Series("training", index=rows.index, name="cohort")
    cohort[rows["patient_id"].isin(validation)] = "validation"
    cohort[external] = "external"
    return cohort


def _users_split(rows: pd.DataFrame, column: str) -> pd.Series:
    cohort = rows["cohort"].str.casefold()
    unknown = set(cohort.dropna()) - set(COHORTS)
    if unknown or cohort.isna().any():
        raise ValueError(
            f"The column '{column}' must hold {', '.join(COHORTS)} in every row; it holds "
            f"{sorted(unknown)} and {int(cohort.isna().sum())} empty cells."
        )
    divided = cohort.groupby(rows["patient_id"]).nunique().gt(1).sum()
    if divided:
        raise ValueError(f"The column '{column}' puts {divided} patients in several cohorts.")
    return cohort.rename("cohort")
