"""The report's tables and figures as files: CSV and LaTeX, PNG and SVG."""

from __future__ import annotations

import io

import pandas as pd

from spl_kedro.drawing import Drawing, StoredFigure
from spl_kedro.reporting.figures.images import as_image
from spl_kedro.reporting.figures.panels import for_file
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.words import NO_BREAK
from spl_kedro.spreadsheets import inert_table

#: What pdflatex knows by a command alone.
_SIGNS = {"≥": r"$\geq$", "≤": r"$\leq$", "χ": r"$\chi$"}


def table_files(sections: list[Section]) -> dict[str, str]:
    """Return every table of the report as CSV and as LaTeX.

    Parameters
    ----------
    sections : list of Section

    Returns
    -------
    dict of str to str
        ``<key>.csv`` and ``<key>.tex`` (booktabs), the cells as printed; in CSV none is a formula.
    """
    files: dict[str, str] = {}
    for section in sections:
        for table in section.tables:
            files[f"{table.key}.csv"] = inert_table(_plain(table.frame)).to_csv(index=False)
            files[f"{table.key}.tex"] = latex(table)
    return files


def latex(table: ReportTable) -> str:
    """Return a table as LaTeX for ``booktabs`` and ``longtable``, special characters escaped."""
    frame = table.frame.rename(columns=str)
    plain = _plain(frame).map(_without_minus)
    text = plain.to_latex(
        index=False,
        escape=True,
        longtable=True,
        caption=_escaped(table.caption),
        label=f"tab:{table.key}",
        column_format="l" * frame.shape[1],
    )
    if table.note:
        note = rf"\multicolumn{{{frame.shape[1]}}}{{p{{\linewidth}}}}"
        note += rf"{{\footnotesize {_escaped(_without_minus(table.note))}}} \\"
        text = text.replace("\\endlastfoot", f"{note}\n\\endlastfoot", 1)
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return text


def _without_minus(text: str) -> str:
    """Return a text for pdflatex, which knows no true minus sign outside mathematics."""
    return text.replace("−", "-").replace(NO_BREAK, " ")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.map(lambda cell: str(cell).replace(NO_BREAK, " "))


def _escaped(text: str) -> str:
    one = pd.DataFrame({"x": [text]}).style.format(escape="latex").to_latex()
    return one.splitlines()[2].partition("& ")[2].removesuffix(r" \\")


def figure_files(sections: list[Section], dpi: int) -> dict[str, bytes]:
    """Return every figure as PNG and, where it is drawn in vectors, as SVG.

    Parameters
    ----------
    sections : list of Section
    dpi : int
        Resolution of the PNGs; what is drawn already keeps its own.

    Returns
    -------
    dict of str to bytes
        ``<key>.png`` and ``<key>.svg``, with the panel's name where a figure has several.
    """
    files: dict[str, bytes] = {}
    for section in sections:
        for figure in section.figures:
            for title, picture in figure.panels.items():
                files |= _picture_files(figure.stem(title), picture, dpi)
    return files


def _picture_files(stem: str, picture: object, dpi: int) -> dict[str, bytes]:
    if isinstance(picture, Drawing):
        picture = picture.files(for_file(stem, dpi))
    if isinstance(picture, StoredFigure):
        files = {f"{stem}.png": picture.png}
        return files | ({f"{stem}.svg": picture.svg.encode()} if picture.svg else {})
    png = io.BytesIO()
    as_image(picture).save(png, "PNG", dpi=(dpi, dpi))
    return {f"{stem}.png": png.getvalue()}
