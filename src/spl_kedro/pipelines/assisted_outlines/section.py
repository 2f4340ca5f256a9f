"""The part of the report on machine outlines: how far they agree with the readers'."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import NOT_DEFINED, cohort_name, interval
from spl_kedro.segmentation.figures import examples_figure

_METHODS = {
    "network": "Network",
    "classical": "Random walker",
    "network less classical": "Network less random walker",
    "second reader": "A second reader",
}


def agreement_section(
    summary: pd.DataFrame, examples: pd.DataFrame, written: str, *, simulated: bool
) -> Section:
    """Return the section on machine outlines.

    Parameters
    ----------
    summary : DataFrame
        From `spl_kedro.segmentation.agreement_summary`.
    examples : DataFrame
        Lesions to look at, from `spl_kedro.segmentation.outline_examples`; may be empty.
    written : {"network", "classical"}
        The way whose outlines were written as files.
    simulated : bool

    Returns
    -------
    Section
    """
    prompt = summary["prompt"].iloc[0]
    own = summary[(summary["method"] == written) & (summary["prompt"] == prompt)]
    dice = own[own["measure"] == "dice"]
    told = "; ".join(
        f"{cohort_name(row.cohort).lower()} {interval(row.mean, row.mean_low, row.mean_high)}"
        for row in dice.itertuples()
    )
    failed = int(dice["failed"].sum())
    paragraphs = (
        "Each lesion was outlined from a box or a click, drawn at random about the reader's "
        "outline as a person might: by a random walker, and by a small network that learnt from "
        "the readers' outlines of other training patients. No lesion is outlined by a network "
        "that saw it.",
        f"Mean Dice of the {_METHODS[written].lower()} from a {prompt}, whose outlines were "
        f"written as files ({coverage(summary)} intervals over patients): {told}. "
        f"{failed or 'None'} of the {int(dice['n'].sum())} lesions got no outline.",
    )
    figures: tuple[ReportFigure, ...] = ()
    if len(examples):
        figures = (
            ReportFigure(
                "machine_outlines",
                "Lesions on which machine and reader agree worst, middling and best by Dice.",
                "Cuts of images with both outlines; the Dice stands above each.",
                {"": Drawing(examples_figure, examples, simulated=simulated)},
                wide=True,
                themed=False,
            ),
        )
    return Section(
        "assisted-outlines", "Machine outlines", paragraphs, figures, (_numbers(summary),)
    )


def _numbers(summary: pd.DataFrame) -> ReportTable:
    rows = []
    groups = summary.groupby(["cohort", "prompt", "method"], sort=False)
    for (cohort, prompt, method), part in groups:
        by: dict[str, Any] = {str(row.measure): row for row in part.itertuples()}
        rows.append(
            {
                "Cohort": cohort_name(cohort),
                "Method and prompt": _METHODS[str(method)]
                + (f", {prompt}" if prompt in ("box", "click") else ""),
                "Lesions": str(by["dice"].n),
                "Failed": str(by["dice"].failed),
                "Mean Dice": _of(by, "dice", "mean"),
                "Median Dice": _of(by, "dice", "median"),
                "Mean surface distance": _of(by, "mean_distance", "mean"),
                "Hausdorff 95%": _of(by, "hausdorff_95", "mean"),
            }
        )
    unit = next((unit for unit in summary["unit"] if unit), "pixels")
    return ReportTable(
        "machine_outlines",
        f"Agreement of machine outlines with the readers' ({coverage(summary)} intervals)",
        pd.DataFrame(rows, dtype="str"),
        row_headers=2,
        note=f"Distances in {unit}, means over lesions that have an outline. A lesion without one "
        "counts as a Dice of 0. Training lesions are cross-fitted. A "
        "second reader is compared with the first on the lesions that both outlined.",
    )


def _of(by: dict[str, Any], measure: str, which: str) -> str:
    row = by.get(measure)
    if row is None:
        return NOT_DEFINED
    value, low, high = (getattr(row, f"{which}{end}") for end in ("", "_low", "_high"))
    return interval(value, low, high, digits=3 if measure == "dice" else 2)
