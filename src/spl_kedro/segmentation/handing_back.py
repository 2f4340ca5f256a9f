"""The way back: the hospital's table for a study of the same lesions on other outlines."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from spl_kedro.cohort.names import stem_of
from spl_kedro.cohort.pseudonyms import Pseudonyms
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.table import row_identifiers
from spl_kedro.errors import UnusableStudyError

#: The columns that are added.
COHORT, OUTLINE = "reader_cohort", "machine_outline"


def handed_back(
    table: pd.DataFrame,
    cohort: pd.DataFrame,
    names: pd.DataFrame,
    files: Iterable[str],
    settings: CohortSettings,
) -> pd.DataFrame:
    """Return the table of the lesions a study on readers' outlines analysed, in its own cohorts.

    Divided anew, a study without the lesions that the machine failed on would put other patients
    into its validation cohort, and nothing could be compared.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    cohort : DataFrame
        ``schemas.Cohort`` of the study on readers' outlines.
    names : DataFrame
        lesion_id and file: what each lesion's machine outline is called.
    files : iterable of str
        What is in the folder, perhaps corrected by a person.
    settings : CohortSettings
        How the table is read.

    Returns
    -------
    DataFrame
        The rows of these lesions, all cells as they were, with `reader_cohort` (training,
        validation, external) and `machine_outline` (the file; empty where there is none).

    Raises
    ------
    UnusableStudyError
        Where a row may have several images, whose rows cannot be told from the table.
    """
    if settings.files.several_images:
        raise UnusableStudyError(
            "one row a lesion where outlines are handed back",
            "data_processing.files.several_images is true.",
            "Write a table with one row for each image, and set it to false.",
        )
    # The table does not have the columns yet that are added here.
    columns = settings.columns.model_copy(update={"masks": None, "cohort": None})
    lesions = row_identifiers(table, settings.model_copy(update={"columns": columns}))
    if settings.pseudonyms is not None:
        renamed = Pseudonyms.from_variable(settings.pseudonyms)
        lesions = lesions.map(lambda name: name if pd.isna(name) else renamed(str(name)))
    kept = lesions.isin(cohort.index)
    there = {stem_of(name): name for name in files}
    called = {str(row.lesion_id): stem_of(str(row.file)) for row in names.itertuples()}
    own = [str(name) for name in lesions[kept]]
    added = {
        COHORT: [str(cohort.loc[name, "cohort"]) for name in own],
        OUTLINE: [there.get(called.get(name, name), "") for name in own],
    }
    return table[kept].reset_index(drop=True).assign(**added)
