"""The part of the report on machine outlines: how far they agree with the readers'."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import NOT_DEFINED, cohort_name, intervals
from spl_kedro.segmentation.figures import examples_figure

_METHODS = {
    "network": "Network",
    "classical": "Random walker",
    "network minus classical": "Network minus random walker",
    "second reader": "A second reader",
}
#: Heading, measure, and which of its figures.
_COLUMNS = (
    ("Mean Dice", "dice", "mean"),
    ("Median Dice", "dice", "median"),
    ("Mean surface distance", "mean_distance", "mean"),
    ("95% Hausdorff distance", "hausdorff_95", "mean"),
)


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
    means = intervals(dice["mean"], dice["mean_low"], dice["mean_high"])
    told = "; ".join(
        f"{cohort_name(cohort).lower()} {mean}"
        for cohort, mean in zip(dice["cohort"], means, strict=True)
    )
    failed = int(dice["failed"].sum())
    paragraphs = (
        "Each lesion was outlined from a box or a click, drawn at random about the reader's "
        "outline as a person might: by a random walker, and by a small network that learnt from "
        "the readers' outlines of other training patients. No lesion is outlined by a network "
        "that saw it. Dice is the overlap of two outlines, from 0 (none) to 1 (the same).",
        f"Mean Dice of the {_METHODS[written].lower()} from a {prompt}, whose outlines were "
        f"written as files ({coverage(summary)} intervals over patients): {told}. "
        f"{failed or 'None'} of the {int(dice['n'].sum())} lesions got no outline.",
    )
    figures: tuple[ReportFigure, ...] = ()
    if len(examples):
        figures = (
            ReportFigure(
                "machine_outlines",
                "Lesions of lowest, median and highest Dice between machine and reader.",
                "Crops of images with both outlines; the Dice stands above each.",
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
    unit = next((unit for unit in summary["unit"] if unit), "pixels")
    cells = {
        head if measure == "dice" else f"{head} ({unit})": _written(summary, measure, which)
        for head, measure, which in _COLUMNS
    }
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
            }
            | {head: own.get((cohort, prompt, method), NOT_DEFINED) for head, own in cells.items()}
        )
    return ReportTable(
        "machine_outlines",
        f"Agreement of machine outlines with the readers' ({coverage(summary)} intervals)",
        pd.DataFrame(rows, dtype="str"),
        row_headers=2,
        note="Distances are means over lesions that have an outline: between the outlines, and the "
        "95th percentile (Hausdorff). A lesion without an outline counts as a Dice of 0. A second "
        "reader is compared with the first on the lesions that both outlined.",
    )


def _written(summary: pd.DataFrame, measure: str, which: str) -> dict[Any, str]:
    """Return a column's cells by cohort, prompt and method, in as many decimals throughout."""
    own = summary[summary["measure"] == measure]
    written = intervals(own[which], own[f"{which}_low"], own[f"{which}_high"])
    keys = own[["cohort", "prompt", "method"]].itertuples(index=False, name=None)
    return dict(zip(keys, written, strict=True))
