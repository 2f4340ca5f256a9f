"""The report's drawings, each drawn once for page and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spl_kedro.drawing import Drawing, Rendering, draw
from spl_kedro.reporting.parts import ReportFigure, Section


def for_file(stem: str, dpi: int) -> Rendering:
    """Return how a drawing of the report is written to files, the SVG of which the page shows.

    Parameters
    ----------
    stem : str
        Name of the files.
    dpi : int
        Resolution of the PNG.
    """
    return Rendering(stem, dpi, vector=True, tight=False)


def draw_sections(sections: Sequence[Section], dpi: int, n_jobs: int) -> list[Section]:
    """Return the sections with every drawing drawn.

    Parameters
    ----------
    sections : sequence of Section
    dpi : int
        Resolution of the PNGs.
    n_jobs : int
        Processes; what is drawn does not depend on it.

    Returns
    -------
    list of Section
        A `StoredFigure` in the place of each `Drawing`.
    """
    wanted = {
        picture: [for_file(figure.stem(title), dpi)]
        for section in sections
        for figure in section.figures
        for title, picture in figure.panels.items()
        if isinstance(picture, Drawing)
    }
    draw(wanted, n_jobs)

    def drawn(figure: ReportFigure) -> ReportFigure:
        panels = {
            title: picture.files(*wanted[picture]) if isinstance(picture, Drawing) else picture
            for title, picture in figure.panels.items()
        }
        return replace(figure, panels=panels)

    return [
        replace(section, figures=tuple(drawn(figure) for figure in section.figures))
        for section in sections
    ]
