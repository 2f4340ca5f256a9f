"""The pieces a report is made of: sections, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

NOT_COMPUTED = "Not computed in this run."


@dataclass(frozen=True)
class ReportTable:
    """A table as printed.

    Attributes
    ----------
    key : str
        Name of its files and of its anchor.
    caption : str
    frame : DataFrame of str
        Cells as printed; the columns are the headings.
    row_headers : int
        How many leading columns name the row.
    note : str
        Printed under the table.
    folded : bool
        Whether the report shows it only on request.
    """

    key: str
    caption: str
    frame: pd.DataFrame
    row_headers: int = 1
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class ReportFigure:
    """A figure with its words.

    Attributes
    ----------
    key : str
        Name of its files and of its anchor.
    caption : str
    alt : str
        What the picture shows, for those who do not see it.
    panels : mapping of str to matplotlib Figure or image
        Title of each panel and its picture; one panel may have an empty title.
    readouts : mapping of str to dict
        For panels with curves, what the reader's pointer reads off (`curve_readout`).
    wide : bool
        Whether the picture needs the whole width and may scroll sideways on a small screen.
    """

    key: str
    caption: str
    alt: str
    panels: Mapping[str, Any]
    readouts: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    wide: bool = False


@dataclass(frozen=True)
class Section:
    """One section of the report.

    Attributes
    ----------
    key : str
        Anchor.
    title : str
    paragraphs : tuple of str
        Plain text.
    figures, tables : tuple
    missing : tuple of str
        Parts that this run did not compute, each said in a sentence.
    level : int
        Depth of the heading: 2 for a main section, 3 below it.
    """

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[ReportFigure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    missing: tuple[str, ...] = ()
    level: int = 2
