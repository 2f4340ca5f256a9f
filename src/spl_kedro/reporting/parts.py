"""The pieces a report is made of: sections, tables and figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

NOT_COMPUTED = "Not computed in this run."
#: A cell that is a number: with its interval, quartiles or share (or two of these), a p value, a
#: dash, the word that stands for one that is sealed, or nothing.
NUMBER = re.compile(
    r"(?:[−+<>≤≥]?[\d.,]+%?(?:\s*(?:\([^()]*\)|\[[^\[\]]*\]|to\s[−\d.]+)){0,2}|–|sealed|)"
)


class Cell(NamedTuple):
    """A cell of a printed table; a header names its row, or the `span` rows it stands beside.

    A numeric one stands in a column of numbers, which are written to the right.
    """

    text: str
    header: bool
    span: int
    numeric: bool = False


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
    links : mapping of str to str
        Address of the definition of what a cell names, by the cell's text.
    """

    key: str
    caption: str
    frame: pd.DataFrame
    row_headers: int = 1
    note: str = ""
    folded: bool = False
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def numeric(self) -> list[bool]:
        """Whether each column holds numbers alone, those that name rows never."""
        return [
            position >= self.row_headers and _are_numbers(self.frame.iloc[:, position])
            for position in range(self.frame.shape[1])
        ]

    def body(self) -> list[list[Cell]]:
        """Return the rows, what repeats down the first of several row headers merged."""
        rows = [list(row) for row in self.frame.itertuples(index=False, name=None)]
        numeric = self.numeric
        result: list[list[Cell]] = []
        for position, row in enumerate(rows):
            cells = []
            for column, text in enumerate(row):
                header = column < self.row_headers and text != ""
                if column == 0 and self.row_headers > 1:
                    if position and rows[position - 1][0] == text:
                        continue
                    span = 1
                    while position + span < len(rows) and rows[position + span][0] == text:
                        span += 1
                    cells.append(Cell(text, header, span))
                else:
                    cells.append(Cell(text, header, 1, numeric[column]))
            result.append(cells)
        return result


def _are_numbers(cells: pd.Series) -> bool:
    texts = [str(cell) for cell in cells]
    written = any(character.isdigit() for text in texts for character in text)
    return written and all(NUMBER.fullmatch(text) for text in texts)


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
    panels : mapping of str to Drawing, StoredFigure or image
        Title of each panel and its picture; one panel may have an empty title. A `StoredFigure`
        with an SVG is shown as that; what is no drawing is else shown as pixels.
    wide : bool
        Whether a panel needs the whole width, and scrolls sideways on a small screen.
    themed : bool
        Whether the colours follow the page's theme; where colours carry values they may not, and
        the picture stays on white.
    """

    key: str
    caption: str
    alt: str
    panels: Mapping[str, Any]
    wide: bool = False
    themed: bool = True

    def stem(self, title: str) -> str:
        """Return the name of a panel's files, without suffix: the key and, if several, its name."""
        words = title.split(" (")[0].lower().replace(" ", "_")
        return f"{self.key}_{words}" if words else self.key


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
    links : tuple of (str, str)
        Files beside the report, each with its words.
    of_paper : bool
        Of an addition: whether it stands among the results, before the limits, and not in the
        supplement. Of the report's own sections `order.PAPER` says it.
    """

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[ReportFigure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    missing: tuple[str, ...] = ()
    level: int = 2
    links: tuple[tuple[str, str], ...] = ()
    of_paper: bool = False


@dataclass(frozen=True)
class AddedSections:
    """What a pipeline that no study needs has to say in the report, and of what it says it.

    Attributes
    ----------
    of : str
        ``provenance.development_key`` of the models, or ``provenance.cohort_checksum`` of the
        cohort: the report of a study with another one leaves the sections out.
    sections : tuple of Section
    cohort : str
        ``provenance.cohort_checksum`` of the lesions that they tell of, where `of` is a key of
        models: sections written while validation was sealed know nothing of what was opened since.
    """

    of: str
    sections: tuple[Section, ...]
    cohort: str = ""
