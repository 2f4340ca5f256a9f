"""The part of the report on what a study is by outlines that were handed back."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import cohort_name, intervals, model_name, plural
from spl_kedro.segmentation.figures import comparison_figure

_COLUMNS = {
    "AUC, readers' outlines": "reader_auc",
    "AUC, these outlines": "machine_auc",
    "Difference": "difference",
}


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
    areas = {
        name: intervals(table[which], table[f"{which}_low"], table[f"{which}_high"])
        for name, which in _COLUMNS.items()
    }
    rows = {
        "Cohort": [cohort_name(name) for name in table["cohort"]],
        "Model": [model_name(name) for name in table["model"]],
        str(table["unit"].iloc[0]).capitalize(): [str(int(n)) for n in table["n"]],
        **areas,
    }
    paragraphs = (
        "This study was made on outlines that were handed back, by a machine or corrected by a "
        "person. Its models are compared with those of the study on the readers' outlines, in the "
        "same cohorts and on the lesions that both scored.",
        f"In this study, {plural(int(lost.sum()), 'lesion')} of the readers' study "
        f"{'is' if lost.sum() == 1 else 'are'} missing."
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
        note="Difference: these outlines minus readers', paired. Clinical differs only where "
        "lesions are lost.",
    )
    return Section(
        "outline-comparison", "Readers' and machine outlines", paragraphs, (figure,), (numbers,)
    )
