"""Cases left out or looked at twice, each with its rule and what to do about it."""

from __future__ import annotations

from collections.abc import Container, Iterable

import pandas as pd

from spl_kedro.imaging import CaseWarning, UnusableLesionError
from spl_kedro.rules import QUARANTINE_COLUMNS, Rule

WARNING_COLUMNS = ["lesion_id", "rule", "message", "remedy"]
#: Stands for the lesion where a warning concerns the cohort as a whole.
WHOLE_COHORT = "all lesions"


class Quarantined:
    """Collects the cases one stage leaves out.

    Parameters
    ----------
    stage : str
        Name of the pipeline.
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._records: list[tuple[str, str, str, str, str]] = []
        self._positions: set[int] = set()

    def case(self, lesion_id: str, error: UnusableLesionError) -> None:
        """Add one case by the error it raised."""
        self._records.append((lesion_id, self._stage, error.rule, error.message, error.remedy))

    def rows(
        self,
        broken: pd.Series,
        lesion_ids: pd.Series,
        rule: Rule,
        message: str | pd.Series,
        remedy: str | None = None,
    ) -> None:
        """Add every row of a table where `broken` holds; a message may differ by row.

        Without a remedy the rule's own is given.
        """
        remedy = rule.remedy if remedy is None else remedy
        for position in broken.index[broken.fillna(False).astype(bool)]:
            text = message if isinstance(message, str) else message[position]
            name = lesion_ids[position]
            name = f"row {position + 1}" if pd.isna(name) else str(name)
            self._records.append((name, self._stage, rule, text, remedy))
            self._positions.add(position)

    def mask(self, index: Iterable[int]) -> pd.Series:
        """Return which rows of a table were added by :meth:`rows`."""
        positions = list(index)
        return pd.Series([p in self._positions for p in positions], index=positions, dtype=bool)

    def table(self) -> pd.DataFrame:
        """Return the quarantine table, sorted by lesion and rule."""
        table = pd.DataFrame(self._records, columns=QUARANTINE_COLUMNS, dtype="str")
        return table.sort_values(["lesion_id", "rule"], kind="stable").reset_index(drop=True)

    def __len__(self) -> int:
        return len(self._records)


def lost_since_check(checked: Iterable[str], stored: Container[str], stage: str) -> Quarantined:
    """Return the lesions that were checked and could not be stored after it.

    Parameters
    ----------
    checked : iterable of str
        Lesions that could be read.
    stored : container of str
        Those that were stored.
    stage : str
        As in the quarantine table.
    """
    quarantined = Quarantined(stage)
    for lesion_id in checked:
        if lesion_id not in stored:
            message = "the files could be read when checked, and no more when stored (see the log)."
            quarantined.case(lesion_id, UnusableLesionError(Rule.UNCHANGED, message))
    return quarantined


class Warned:
    """Collects what looks wrong about cases that stay in the cohort."""

    def __init__(self) -> None:
        self._records: list[tuple[str, str, str, str]] = []

    def case(self, lesion_id: str, warning: CaseWarning) -> None:
        """Add one warning; `WHOLE_COHORT` stands for the lesion where it concerns all."""
        self._records.append((lesion_id, *warning))

    def table(self) -> pd.DataFrame:
        """Return the warnings table (``schemas.Warnings``), sorted by lesion and rule."""
        table = pd.DataFrame(self._records, columns=WARNING_COLUMNS, dtype="str")
        return table.sort_values(["lesion_id", "rule"], kind="stable").reset_index(drop=True)

    def __len__(self) -> int:
        return len(self._records)
