"""Lesions whose diagnosis is kept from the study until it is unsealed."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.columns import without_repetitions
from spl_kedro.cohort.duplicates import contradicted
from spl_kedro.cohort.findings import Findings, join_findings
from spl_kedro.cohort.frames import with_rows_of_frames
from spl_kedro.cohort.pseudonyms import Handed, without_identifiers
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.several_images import one_row_per_image
from spl_kedro.cohort.split import assign_cohorts
from spl_kedro.cohort.table import STAGE, tidy_table
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule

NO_ROW = "the table has no usable row of the lesion any more."


def seal_rows(rows: pd.DataFrame, settings: CohortSettings) -> pd.DataFrame:
    """Divide the patients, then forget the diagnoses of all but the training lesions.

    Done before any image is read, so that nothing after the split can depend on them.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        From `tidy_table`, sealed.
    settings : CohortSettings

    Returns
    -------
    DataFrame
        With every lesion's cohort, and a label of training lesions alone.
    """
    cohort = assign_cohorts(rows, settings)
    return rows.assign(
        cohort=cohort, label=rows["label"].astype("Int64").where(cohort == "training")
    )


def without_labels(cohort: pd.DataFrame) -> pd.DataFrame:
    """Return a cohort table with labels of training lesions alone (missing elsewhere)."""
    known = cohort["label"].astype("Int64").where(cohort["cohort"] == "training")
    return cohort.assign(label=known)


def training_alone(divided: pd.DataFrame) -> pd.DataFrame:
    """Return the training lesions of a table whose other labels are missing."""
    own = divided[divided["cohort"] == "training"]
    return own.assign(label=own["label"].astype("int64"))


def open_rows(
    divided: pd.DataFrame,
    table: pd.DataFrame,
    settings: CohortSettings,
    duplicates: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the sealed lesions the diagnoses of the hospital's table.

    Training lesions stay as they were when the models learnt from them.

    Parameters
    ----------
    divided : DataFrame, index `lesion_id`
        Every usable lesion with its cohort; labels of training lesions.
    table : DataFrame
        As the hospital hands it over.
    settings : CohortSettings
    duplicates : DataFrame, optional
        ``schemas.Duplicates``, found when the cohort was sealed.

    Returns
    -------
    cohort : DataFrame
        ``schemas.Cohort``.
    findings : DataFrame
        ``schemas.Findings``: sealed lesions that turn out to have no diagnosis, or one that
        contradicts that of a copy of their image.
    """
    table = without_repetitions(table)[0]
    # Images that were usable, by the names of their lesions; pseudonyms need no others.
    images = [f"{lesion_id}.png" for lesion_id in divided.index]
    table, settings = one_row_per_image(table, images, settings)
    table = without_identifiers(Handed(table, {}, {}, {}), settings).table
    rows, broken = tidy_table(table, settings)
    rows = with_rows_of_frames(rows, divided.index)
    waiting = divided.index[divided["cohort"] != "training"]
    found = rows["label"].reindex(waiting)
    lost = waiting[found.isna()]
    told = broken.table()
    told = told[told["lesion_id"].isin(lost)].drop_duplicates("lesion_id")
    absent = Findings(STAGE)
    for lesion_id in lost.difference(pd.Index(told["lesion_id"])):
        absent.case(str(lesion_id), UnusableLesionError(Rule.DIAGNOSIS, NO_ROW))
    label = divided["label"].astype("Int64").where(divided["cohort"] == "training", found)
    if duplicates is not None and settings.duplicates.contradicting_labels == "quarantine":
        known = rows["label"].astype("Int64")
        known.update(label[divided["cohort"] == "training"])
        against = contradicted(duplicates, known)
        open_again = waiting.difference(lost).intersection(pd.Index(list(against)))
        for lesion_id in open_again:
            absent.case(str(lesion_id), against[str(lesion_id)])
        label = label.mask(label.index.isin(open_again))
    cohort = divided.assign(label=label)
    cohort = cohort[cohort["label"].notna()]
    findings = join_findings(told, absent.table())
    return cohort.assign(label=cohort["label"].astype("int64")), findings
