"""The part of the report on what a study is by outlines that were handed back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import cohort_name, interval, model_name
from spl_kedro.segmentation.figures import comparison_figure


def comparison_section(table: pd.DataFrame, *, simulated: bool) -> Section:
    """Return the section on a study made on outlines that were handed back.

    Parameters
    ----------
    table : DataFrame
        From `spl_kedro.segmentation.compare_outlines`.
    simulated : bool

    Returns
    -------
    Section
    """
    lost = table.groupby("cohort", sort=False)["lost"].max()
    every: list[Any] = list(table.itertuples())
    rows = [
        {
            "Cohort": cohort_name(row.cohort),
            "Model": model_name(row.model),
            str(row.unit).capitalize(): str(int(row.n)),
            "AUC, readers' outlines": interval(
                row.reader_auc, row.reader_auc_low, row.reader_auc_high
            ),
            "AUC, these outlines": interval(
                row.machine_auc, row.machine_auc_low, row.machine_auc_high
            ),
            "Difference": interval(row.difference, row.difference_low, row.difference_high),
        }
        for row in every
    ]
    paragraphs = (
        "This study was made on outlines that were handed back, by a machine or corrected by a "
        "person. Its models are compared with those of the study on the readers' outlines, in the "
        "same cohorts and on the lesions that both scored.",
        f"{int(lost.sum())} lesions of the readers' study are not in this one."
        if lost.any()
        else "No lesion of the readers' study is missing in this one.",
    )
    figure = ReportFigure(
        "outline_comparison",
        "AUC of each model on readers' outlines and on those of this study.",
        "Squares with intervals; all numbers are in the table.",
        {"": Drawing(comparison_figure, table, simulated=simulated)},
        wide=True,
    )
    numbers = ReportTable(
        "outline_comparison",
        f"The study on readers' outlines and on these ({coverage(table)} intervals)",
        pd.DataFrame(rows, dtype="str"),
        row_headers=2,
        note="Difference: these outlines less readers', paired. Clinical differs only where "
        "lesions are lost.",
    )
    return Section(
        "outline-comparison", "Readers' and machine outlines", paragraphs, (figure,), (numbers,)
    )
