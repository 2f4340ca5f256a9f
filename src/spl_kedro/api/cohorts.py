"""Who is in a cohort, how they differ, and who was left out."""

from __future__ import annotations

import pandas as pd

from spl_kedro.api.study import Study
from spl_kedro.cohort.table_one import table_one
from spl_kedro.pipelines.reporting.pipeline import STAGES


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


def findings(study: Study, action: str | None = None) -> pd.DataFrame:
    """Return what the steps found about cases, images and columns, and what was done about it.

    Parameters
    ----------
    study : Study
        After ``data_processing``; later steps add theirs.
    action : str, optional
        One of ``spl_kedro.rules.ActionTaken``: ``quarantined`` for the cases left out; by default
        all.

    Returns
    -------
    DataFrame
        ``schemas.Findings``: lesion_id, stage, rule, action, message, remedy.
    """
    names = [f"{stage}_findings" for stage in STAGES]
    stored = [name for name in names if study.catalog.exists(name)]
    found = pd.concat([study.table(name) for name in stored or names[:1]], ignore_index=True)
    return found if action is None else found[found["action"] == action].reset_index(drop=True)
