"""New cases as a study's own were read: its words, its formats, its rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from spl_kedro.cohort.files import check_files
from spl_kedro.cohort.findings import join_findings
from spl_kedro.cohort.headers import without_absent
from spl_kedro.cohort.matching import ImageReaders, OutlineReaders
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.several_images import one_row_per_image
from spl_kedro.cohort.table import tidy_table
from spl_kedro.imaging import Lesion
from spl_kedro.rules import ActionTaken


class Cases(NamedTuple):
    """Cases that can be scored by some model.

    Attributes
    ----------
    rows : DataFrame, index `lesion_id`
        patient_id, site, spacing_row_mm, spacing_col_mm, has_image, and the clinical variables
        there are, typed; those without a usable image too.
    lesions : dict of str to callable
        Reads each lesion whose image and outline can be measured.
    findings : DataFrame
        ``schemas.Findings``: rows that break a rule are quarantined; an image that cannot be used
        is left out, and its case stays; what looks wrong about the others is flagged.
    variables : list of str
        Clinical variables that the table has.
    sites_known : bool
        Whether the table says where each case comes from.
    """

    rows: pd.DataFrame
    lesions: dict[str, Callable[[], Lesion]]
    findings: pd.DataFrame
    variables: list[str]
    sites_known: bool


def read_cases(
    table: pd.DataFrame, images: ImageReaders, outlines: OutlineReaders, settings: CohortSettings
) -> Cases:
    """Read new cases by the settings of the study that is to score them.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over, with the study's column names; a diagnosis in it is not
        read.
    images, outlines : mapping of file name to function
    settings : CohortSettings

    Returns
    -------
    Cases
    """
    own = without_absent(table, settings)
    own = own.model_copy(update={"duplicates": own.duplicates.exact_alone()})
    table, own = one_row_per_image(table, images, own)
    rows, broken = tidy_table(table, own)
    examined = check_files(rows, images, outlines, own, broken.table()["lesion_id"])
    rows = examined.rows
    facts = examined.usable[["spacing_row_mm", "spacing_col_mm"]].reindex(rows.index)
    kept = rows.drop(
        columns=["image", "masks", "frame", "cohort", "spacing_mm", "table_row"], errors="ignore"
    )
    kept = kept.join(facts.astype("float64"))
    kept.insert(2, "has_image", kept.index.isin(list(examined.files)))
    return Cases(
        rows=kept,
        lesions={lesion_id: files.read for lesion_id, files in examined.files.items()},
        findings=join_findings(broken.table(), images_alone(examined.findings.table(), rows)),
        variables=[variable.name for variable in own.clinical],
        sites_known=own.columns.site is not None,
    )


def images_alone(findings: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the findings on images of cases that are scored without them too.

    Parameters
    ----------
    findings : DataFrame
        ``schemas.Findings``.
    rows : DataFrame, index `lesion_id`
        The cases that some model can score.

    Returns
    -------
    DataFrame
        The findings; where one of these cases was quarantined, its image is left out instead.
    """
    stays = findings["lesion_id"].isin(rows.index)
    lost = stays & (findings["action"] == ActionTaken.QUARANTINED)
    return findings.assign(action=findings["action"].mask(lost, str(ActionTaken.LEFT_OUT)))
