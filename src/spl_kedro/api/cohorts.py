"""Who is in a cohort, how they differ, and who was left out."""

from __future__ import annotations

import pandas as pd

from spl_kedro.api.study import Study
from spl_kedro.cohort.table_one import table_one

#: What the steps of a study leave out, in their order.
_QUARANTINES = ("quarantine", "labels_quarantine", "radiomics_quarantine", "deep_quarantine")


def cohort_counts(study: Study) -> pd.DataFrame:
    """Count lesions, patients and diagnoses in each cohort and site.

    Parameters
    ----------
    study : Study
        After ``data_processing``.

    Returns
    -------
    DataFrame
        Index cohort, site; columns lesions, patients, benign, malignant, simulated (lesions of
        simulated patients).
    """
    rows = study.cohort
    grouped = rows.assign(malignant=rows["label"], benign=1 - rows["label"]).groupby(
        ["cohort", "site"], sort=True
    )
    return pd.DataFrame(
        {
            "lesions": grouped.size(),
            "patients": grouped["patient_id"].nunique(),
            "benign": grouped["benign"].sum(),
            "malignant": grouped["malignant"].sum(),
            "simulated": grouped["simulated"].sum(),
        }
    )


def cohort_summary(study: Study, cohort: str | None = None) -> pd.DataFrame:
    """Return Table 1: clinical variables by cohort and by diagnosis.

    Parameters
    ----------
    study : Study
        After ``data_processing``.
    cohort : str, optional
        ``training``, ``validation`` or ``external``: its benign and malignant lesions beside each
        other; by default the cohorts.

    Returns
    -------
    DataFrame
        Index variable, category; a column for each group, and the p value. Numbers are median
        [quartiles], categories n (%); :func:`spl_kedro.cohort.table_one.table_one` says which test.
    """
    rows = table_one(study.cohort)
    rows = rows[rows["comparison"] == (cohort or "cohorts")]
    keys = ["variable", "category"]
    wide = rows.pivot_table(
        index=keys, columns="group", values="value", aggfunc="first", sort=False
    )
    # A variable's p value stands in its first row.
    return wide.assign(p_value=rows.groupby(keys, sort=False)["p_value"].first())


def left_out(study: Study) -> pd.DataFrame:
    """Return every case left out, with the rule it broke and the remedy.

    Parameters
    ----------
    study : Study
        After ``data_processing``.

    Returns
    -------
    DataFrame
        ``schemas.Quarantine``: lesion_id, stage, rule, message, remedy.
    """
    stored = [name for name in _QUARANTINES if study.catalog.exists(name)]
    parts = [study.table(name) for name in stored or _QUARANTINES[:1]]
    return pd.concat(parts, ignore_index=True)
