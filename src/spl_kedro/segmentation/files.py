"""What the files of machine outlines are called: as the cohort's own are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from spl_kedro.cohort.cells import clean
from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.names import stem_of
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.table import row_identifiers

SUFFIX = ".png"


def outline_names(
    table: pd.DataFrame, lesion_ids: Iterable[str], settings: CohortSettings
) -> dict[str, str]:
    """Return the name of each lesion's outline file.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    lesion_ids : iterable of str
        Lesions of the cohort.
    settings : CohortSettings

    Returns
    -------
    dict of str to str
        The name of the one outline file that the table gives the lesion, as PNG; where it names
        none, several, or one of several lesions, the lesion's identifier; all identifiers where
        a file is called as another lesion.
    """
    wanted = [str(name) for name in lesion_ids]
    own = {name: name for name in wanted}
    column = match_headers(table, settings).columns.masks
    # A pseudonymised lesion's file must not tell its name.
    if column is not None and settings.pseudonyms is None:
        missing = {word.casefold() for word in settings.missing_words} | {""}
        cells = dict(zip(row_identifiers(table, settings), table[column], strict=True))
        for name in wanted:
            parts = str(clean(cells.get(name, ""))).split(settings.file_separator)
            named = [part.strip() for part in parts if part.strip().casefold() not in missing]
            if len(named) == 1:
                own[name] = stem_of(named[0].replace("\\", "/"))
    uses = Counter(stem.casefold() for stem in own.values())
    own = {name: stem if uses[stem.casefold()] == 1 else name for name, stem in own.items()}
    # A file may be called as another lesion is.
    distinct = len({stem.casefold() for stem in own.values()}) == len(own)
    return {name: (stem if distinct else name) + SUFFIX for name, stem in own.items()}
