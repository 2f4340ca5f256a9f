"""The distances once measured, which travel with the package.

Whoever quotes a figure on simulated patients has no real images at hand. So what `kedro run
--pipelines realism` found is kept in ``measured.json``, which ``python -m
spl_kedro.sceptic.realism`` writes from the run's table and nobody edits.
"""

from __future__ import annotations

import datetime
from importlib.resources import files
from typing import Any

import pandas as pd
from pydantic import Field

from spl_kedro.parameters import Settings

FILE = "measured.json"
#: Digits that a distance is kept with.
_DIGITS = 4


class MeasuredDistance(Settings):
    """One row of the table of distances; see `spl_kedro.sceptic.realism.tables.distance_table`."""

    comparison: str
    region: str
    measure: str
    unit: str
    value: float
    low: float
    high: float
    method: str
    first_images: int = Field(ge=2)
    second_images: int = Field(ge=2)
    first_median: float | None
    second_median: float | None


class MeasuredRealism(Settings):
    """All distances of a run, with what they depend on."""

    measured_on: datetime.date
    seed: int
    simulation_seed: int
    dynamic_range_db: float
    n_resamples: int
    n_splits: int
    confidence: float
    simulated_images: int
    lung_images: int
    breast_images: int
    distances: tuple[MeasuredDistance, ...]

    def distance(self, comparison: str, measure: str, region: str = "field") -> MeasuredDistance:
        """Return one distance.

        Raises
        ------
        KeyError
            If it was not measured.
        """
        for found in self.distances:
            if (found.comparison, found.measure, found.region) == (comparison, measure, region):
                return found
        raise KeyError(f"no distance '{measure}' ({region}) of '{comparison}'")


#: Columns of a run's table that are the same in every row.
CONSTANT = (
    "seed", "simulation_seed", "dynamic_range_db", "n_resamples", "n_splits", "confidence",
)  # fmt: skip


def measured_from(table: pd.DataFrame, day: datetime.date) -> MeasuredRealism:
    """Return a run's table as what is kept.

    Parameters
    ----------
    table : DataFrame
        ``sceptic_realism``, of a run with real images of the lung and of BrEaST.
    day : date
        When it was measured.

    Raises
    ------
    KeyError
        If one of the sets was not there.
    """
    rows = [
        {name: _kept(row[name]) for name in MeasuredDistance.model_fields}
        for row in table.to_dict("records")
    ]
    of_field = table[table["region"] == "field"].drop_duplicates("comparison")
    images: Any = of_field.set_index("comparison")[["first_images", "second_images"]].to_dict(
        "index"
    )
    return MeasuredRealism(
        measured_on=day,
        simulated_images=images["lung"]["first_images"],
        lung_images=images["lung"]["second_images"],
        breast_images=images["breast"]["second_images"],
        distances=tuple(MeasuredDistance(**row) for row in rows),
        **{name: table[name].iloc[0].item() for name in CONSTANT},
    )


def measured() -> MeasuredRealism:
    """Return the distances that travel with the package."""
    text = (files("spl_kedro.sceptic.realism") / FILE).read_text(encoding="utf-8")
    return MeasuredRealism.model_validate_json(text)


def _kept(value: Any) -> Any:
    if isinstance(value, float):
        return None if pd.isna(value) else float(f"{value:.{_DIGITS}g}")
    return value
