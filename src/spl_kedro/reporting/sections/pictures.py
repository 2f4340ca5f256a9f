"""Ready-made pictures and plain tables of the explanations."""

from __future__ import annotations

import pandas as pd

from spl_kedro.reporting.parts import ReportFigure, ReportTable
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import readable

#: Rows from which a table is folded.
LONG_TABLE = 12


def pictures(results: StudyResults, captions: dict[str, str]) -> tuple[ReportFigure, ...]:
    """Return the ready-made pictures that a run has, by name and with what each shows."""
    return tuple(
        ReportFigure(
            name,
            caption,
            f"{caption} The numbers behind it are in the tables.",
            {"": results.figures[name]},
            wide=True,
            # Its colours are values, which a theme may not change.
            themed=name != "shap_beeswarm",
        )
        for name, caption in captions.items()
        if name in results.figures
    )


def plain_table(
    frame: pd.DataFrame | None, key: str, caption: str, bounds: str = ""
) -> tuple[ReportTable, ...]:
    """Return a tidy table as printed, folded where it is long; nothing of an empty one."""
    if frame is None or frame.empty:
        return ()
    printed = readable(frame.reset_index() if frame.index.name else frame, bounds=bounds)
    return (ReportTable(key, caption, printed, folded=len(printed) > LONG_TABLE),)
