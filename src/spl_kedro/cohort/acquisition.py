"""How the images of a cohort were made, as a table that gives no date away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pandas as pd

from spl_kedro.imaging.acquisition import Acquisition

_TYPES = {
    "file_format": "str",
    "bits": "float64",
    "channels": "float64",
    "scanner": "str",
    "height": "int64",
    "width": "int64",
    "days_taken": "float64",
    "days_written": "float64",
}


class Taking(NamedTuple):
    """How one lesion's image was made, and its height and width in pixels."""

    acquisition: Acquisition | None
    shape: tuple[int, int]


def acquisition_table(images: Mapping[str, Taking], *, simulated: bool) -> pd.DataFrame:
    """Return what the files say of their making, days in the place of dates.

    Parameters
    ----------
    images : mapping of str to Taking
        By lesion.
    simulated : bool
        Files of simulated patients are as old as the run that wrote them: their own dates, which
        would make each run another, are left out.

    Returns
    -------
    DataFrame
        As :class:`spl_kedro.schemas.Acquisition`.
    """
    rows = {}
    for lesion_id, (made, (height, width)) in images.items():
        said = made or Acquisition("")
        rows[lesion_id] = {
            "file_format": said.file_format or None,
            "bits": said.bits,
            "channels": said.channels if made else None,
            "scanner": said.scanner,
            "height": height,
            "width": width,
            "days_taken": said.taken,
            "days_written": None if simulated else said.written,
        }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(_TYPES))
    for name in ("days_taken", "days_written"):
        table[name] = _days(table[name])
    return table.astype(_TYPES).rename_axis("lesion_id").sort_index()


def _days(dates: pd.Series) -> pd.Series:
    """Return the days since the first of some dates."""
    known = [day for day in dates if isinstance(day, date)]
    first = min(known, default=date.min)
    days = [(day - first).days if isinstance(day, date) else float("nan") for day in dates]
    return pd.Series(days, index=dates.index, dtype="float64")
