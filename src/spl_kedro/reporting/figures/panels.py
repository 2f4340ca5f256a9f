"""The report's drawings, each drawn once for page and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from spl_kedro.drawing import Drawing, Rendering, StoredFigure, render, svg_of
from spl_kedro.reporting.figures.svg import InlineSvg, curve_readout, inline_svg, stored_svg
from spl_kedro.reporting.parts import ReportFigure, Section

# Stands for the background while a picture is drawn: white in a file, nothing on the page.
_BACKGROUND = "#fefdfc"


class DrawnPanel(NamedTuple):
    """A drawing as the page shows it, and as files."""

    page: InlineSvg
    files: StoredFigure


def panel_key(figure: ReportFigure, position: int) -> str:
    """Return what names a figure's panel within the page."""
    return f"{figure.key}-{position}"


def for_file(stem: str, dpi: int) -> Rendering:
    """Return how a drawing of the report is written to files.

    Parameters
    ----------
    stem : str
        Name of the files.
    dpi : int
        Resolution of the PNG.
    """
    return Rendering(stem, dpi, vector=True, tight=False)


def draw_sections(sections: Sequence[Section], dpi: int, n_jobs: int) -> list[Section]:
    """Return the sections with every drawing drawn, for page and files.

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
        A `DrawnPanel` in the place of each `Drawing`.
    """
    from joblib import Parallel, delayed

    tasks = [
        delayed(_drawn)(
            picture, replace(figure, panels=dict.fromkeys(figure.panels)), position, dpi
        )
        for section in sections
        for figure in section.figures
        for position, picture in enumerate(figure.panels.values())
        if isinstance(picture, Drawing)
    ]
    drawn = iter(Parallel(n_jobs=n_jobs)(tasks))

    def finished(picture: Any) -> Any:
        return next(drawn) if isinstance(picture, Drawing) else picture

    return [
        replace(
            section,
            figures=tuple(
                replace(
                    figure,
                    panels={title: finished(picture) for title, picture in figure.panels.items()},
                )
                for figure in section.figures
            ),
        )
        for section in sections
    ]


def _drawn(drawing: Drawing, shown: ReportFigure, position: int, dpi: int) -> DrawnPanel:
    stem = shown.stem(list(shown.panels)[position])
    key = panel_key(shown, position)
    figure = drawing.figure()
    engine = figure.get_layout_engine()
    (png,) = render(figure, [Rendering(stem, dpi, tight=False)]).values()
    if shown.size is not None:
        svg = svg_of(figure, stem)
        figure.set_layout_engine(engine)
        page = inline_svg(figure, key, size=shown.size, theme=shown.themed)
        return DrawnPanel(page, png._replace(svg=svg))
    for background in (figure.patch, *(axes.patch for axes in figure.axes)):
        background.set_facecolor(_BACKGROUND)
    svg = svg_of(figure, stem)
    page = stored_svg(svg.replace(_BACKGROUND, "none"), key, theme=shown.themed)
    return DrawnPanel(
        page._replace(readout=curve_readout(figure)),
        png._replace(svg=svg.replace(_BACKGROUND, "#ffffff")),
    )
