"""The page of the check: counts first, then what to mend, then every outline on its image."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from spl_kedro.cohort.findings import quarantined
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import Lesion
from spl_kedro.natural import in_natural_order
from spl_kedro.reporting.check.cost import ExpectedCost
from spl_kedro.reporting.check.sheet import PER_SHEET, contact_sheets
from spl_kedro.reporting.check.tables import (
    column_table,
    division_table,
    number_table,
    unmapped_words,
)
from spl_kedro.reporting.page import Fact, asset, page_template
from spl_kedro.reporting.parts import ReportFigure, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.findings import findings_section
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.sceptic.realism.statement import realism_statement

#: Lesions shown; more would make the page too large to open.
MOST_SHOWN = 2016
_CLASSES = {0: "benign", 1: "malignant"}


def check_page(
    table: pd.DataFrame,
    checked: pd.DataFrame,
    lesions: Mapping[str, Callable[[], Lesion]],
    findings: pd.DataFrame,
    columns: pd.DataFrame,
    settings: CohortSettings,
    report: ReportSettings,
    cost: ExpectedCost,
    *,
    sealed: bool,
) -> str:
    """Write the page.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    checked : DataFrame, index `lesion_id`
        Usable lesions, as data_processing checks them.
    lesions : mapping of str to function
        Their images and outlines, read when called.
    findings : DataFrame
        ``schemas.Findings``.
    columns : DataFrame
        What becomes of each column.
    settings : CohortSettings
    report : ReportSettings
    cost : ExpectedCost
        What a whole run is expected to take.
    sealed : bool
        Whether diagnoses outside training stay unread.

    Returns
    -------
    str
        A complete HTML document; it holds the images, small, and stays on this machine.
    """
    lost = quarantined(findings)["lesion_id"].nunique()
    sections = [
        findings_section(
            StudyResults(checked.assign(simulated=settings.simulated), findings=findings), report
        ),
        _words(table, settings, sealed=sealed),
        _division(checked, settings),
        _numbers(table, settings),
        Section("cost", "Time and memory", cost.assumes),
        Section("columns", "Columns", tables=(column_table(columns),)),
        _outlines(checked, lesions, simulated=settings.simulated),
    ]
    return page_template("check.html.j2").render(
        title=report.title,
        simulated=settings.simulated,
        realism=realism_statement(),
        facts=[
            Fact(str(len(table)), "rows in the table"),
            Fact(str(len(checked)), "lesions with an image and an outline that can be used"),
            Fact(str(lost), "cases quarantined"),
            Fact(f"about {cost.minutes:g} min", _for_what(cost)),
            Fact(f"about {cost.memory_gb:g} GB", "of memory"),
        ],
        sections=sections,
        css=asset("report.css"),
        script=asset("report.js"),
    )


def _for_what(cost: ExpectedCost) -> str:
    run = "for a whole run on this machine, if it is idle"
    return f"{run}, without training {cost.networks} networks" if cost.networks else run


def _words(table: pd.DataFrame, settings: CohortSettings, *, sealed: bool) -> Section:
    found = unmapped_words(table, settings, sealed=sealed)
    title = "Words that no setting names"
    if found is None:
        return Section("words", title, ("Every word of a category is named in the parameters.",))
    strict = (
        "cases with such a word are quarantined (data_processing.strict_words is true)."
        if settings.strict_words
        else "such a cell counts as missing, and each is a finding."
    )
    words = "Add each to its mapping, or to data_processing.missing_words; until then "
    return Section("words", title, (words + strict,), tables=(found,))


def _division(checked: pd.DataFrame, settings: CohortSettings) -> Section:
    title = "Classes, sites and the split"
    try:
        table = division_table(checked, settings)
    except UnusableStudyError as error:
        return Section("division", title, (str(error),))
    return Section("division", title, tables=(table,))


def _numbers(table: pd.DataFrame, settings: CohortSettings) -> Section:
    found = number_table(table, settings)
    title = "Numbers and their units"
    if found is None:
        return Section("numbers", title, ("The study names no clinical number.",))
    return Section("numbers", title, tables=(found,))


def _outlines(
    checked: pd.DataFrame, lesions: Mapping[str, Callable[[], Lesion]], *, simulated: bool
) -> Section:
    shown = in_natural_order(checked.index)[:MOST_SHOWN]
    label = checked["label"].map(_CLASSES)
    words = {
        name: f"{name}  {label[name]}" if pd.notna(label[name]) else str(name) for name in shown
    }
    sheets = contact_sheets({name: lesions[name] for name in shown}, words)
    figures = tuple(
        ReportFigure(
            f"outlines_{number}",
            f"Outlines {(number - 1) * PER_SHEET + 1} to {min(number * PER_SHEET, len(shown))} of "
            f"{len(checked)}{', simulated patients' if simulated else ''}.",
            "Images with the edge of the outline in colour; beneath each the lesion's key.",
            {"": sheet},
            wide=True,
            themed=False,
        )
        for number, sheet in enumerate(sheets, start=1)
    )
    told = (
        "Look at every one: an outline that is shifted, turned, mirrored, or another lesion's is "
        "found by nothing else."
    )
    more = f" The first {len(shown)} are shown." if len(shown) < len(checked) else ""
    return Section("outlines", "Outlines on their images", (told + more,), figures)
