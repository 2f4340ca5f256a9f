"""How the images of a cohort were made, as a table that gives no date away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
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


#: Numbers of at most so many values are told apart value by value, others by fifths.
_FEW = 5


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


def acquisition_facts(rows: pd.DataFrame, acquisition: pd.DataFrame) -> pd.DataFrame:
    """Return how some lesions' images were made, each fact as categories.

    Numbers of many values are cut at their fifths, which no label has a part in, so that a
    relation that neither rises nor falls is seen too: exports in turns, say.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        The lesions, with `site` and `spacing_row_mm`.
    acquisition : DataFrame, index `lesion_id`
        ``schemas.Acquisition``.

    Returns
    -------
    DataFrame of str
        Index lesion_id; without facts that are the same for all. A value that is not known is a
        category of its own.
    """
    facts = acquisition.reindex(rows.index).drop(columns="table_row", errors="ignore")
    facts = facts.assign(
        site=rows["site"],
        pixel_size_mm=rows["spacing_row_mm"],
        image_size=[f"{h:g} x {w:g}" for h, w in zip(facts["height"], facts["width"], strict=True)],
    )
    said = {name: _categories(facts[name]) for name in facts.columns}
    return pd.DataFrame({name: said[name] for name in said if said[name].nunique() > 1})


def fifths(values: pd.Series) -> pd.Series:
    """Return which fifth of the known numbers each lies in, as words."""
    edges = np.unique(values.quantile(np.arange(1, 5) / 5))
    place = pd.Series(np.searchsorted(edges, values), index=values.index)
    return place.map("fifth {}".format).where(values.notna(), "unknown")


def _categories(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > _FEW:
        return fifths(values)
    return values.astype("str").where(values.notna(), "unknown")
