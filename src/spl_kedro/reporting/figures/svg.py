"""From a matplotlib figure to an SVG that follows the page's light or dark theme.

The picture stays text and vectors: it prints sharply, its words can be searched and read
aloud, and its colours are the page's CSS variables, so one picture serves both themes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from spl_kedro.drawing import place, svg_of

#: Colours of `spl_kedro.modeling.evaluation.figures.style`, and the page's variable for each.
THEME_COLOURS = {
    "#000000": "--ink",
    "#ffffff": "--paper",
    "#6e6e6e": "--ink-soft",
    "#e69f00": "--orange",
    "#56b4e9": "--sky",
    "#009e73": "--green",
    "#cc79a7": "--purple",
    "#0072b2": "--blue",
    "#d55e00": "--vermilion",
    "#f0e442": "--yellow",
    "#cccccc": "--line",
    "#c4c4c4": "--line",
    "#e6e6e6": "--line",
    "#b0b0b0": "--line",
}
# An SVG's unit of length, in an inch.
_POINTS = 72
_NUMBER = re.compile(r"(\d+\.\d{3})\d+")
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(xlink:href|href)="#([^"]+)"')
_URL = re.compile(r"url\(#([^)]+)\)")
_SIZE = re.compile(r'<svg [^>]*width="([\d.]+)pt" height="([\d.]+)pt"')
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


class InlineSvg(NamedTuple):
    """A picture for the page.

    Attributes
    ----------
    svg : str
        An ``svg`` element without width, height, XML header or metadata, hidden from screen
        readers, whose words stand beside it (`ReportFigure.alt`).
    readout : dict
        From `curve_readout`.
    width, height : int
        Largest size on the page in CSS pixels; 15 % over the drawn size, for words drawn for print
        are small.
    """

    svg: str
    readout: dict[str, Any]
    width: int
    height: int


def inline_svg(
    figure: Figure, key: str, *, size: tuple[float, float] | None = None, theme: bool = True
) -> InlineSvg:
    """Return a figure as inline SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Not placed yet; its parts keep the places found here.
    key : str
        Unique within the page: every id in the picture is prefixed with it.
    size : tuple of float, optional
        Width and height in inches on the page.
    theme : bool
        Whether known colours become the page's variables (`THEME_COLOURS`).

    Returns
    -------
    InlineSvg
    """
    if size is not None:
        figure.set_size_inches(size)
    place(figure, _POINTS)
    svg = svg_of(figure, key, transparent=True)
    return stored_svg(svg, key, theme=theme)._replace(readout=curve_readout(figure))


def stored_svg(svg: str, key: str, *, theme: bool = True) -> InlineSvg:
    """Return an SVG file that matplotlib wrote as inline SVG; see `inline_svg`.

    Parameters
    ----------
    svg : str
        With its size in points.
    key : str
    theme : bool

    Raises
    ------
    ValueError
        If the file names no size in points.
    """
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError(f"figure {key}: the SVG has no width and height in points")
    width, height = (round(1.15 * 96 / _POINTS * float(side)) for side in size.groups())
    return InlineSvg(themed(svg, key, THEME_COLOURS if theme else {}), {"axes": []}, width, height)


def themed(svg: str, key: str, colours: Mapping[str, str] = THEME_COLOURS) -> str:
    """Prepare matplotlib's SVG for a page: see `inline_svg`.

    Parameters
    ----------
    svg : str
    key : str
    colours : mapping of str to str
        Lower-case hexadecimal colour to CSS variable.

    Returns
    -------
    str
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<svg [^>]*>", lambda m: _opening_tag(m.group(0)), body, count=1)
    body = _ID.sub(rf'id="{key}-\1"', body)
    body = _REFERENCE.sub(rf'\1="#{key}-\2"', body)
    body = _URL.sub(rf"url(#{key}-\1)", body)
    # Inside style attributes only: var() has no meaning in a presentation attribute.
    body = re.sub(
        r'style="([^"]*)"', lambda m: f'style="{_themed_style(m.group(1), colours)}"', body
    )
    return _NUMBER.sub(r"\1", body)


def _opening_tag(tag: str) -> str:
    view_box = re.search(r'viewBox="[^"]+"', tag)
    if view_box is None:
        raise ValueError("the SVG has no viewBox and cannot be scaled")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{view_box.group(0)} aria-hidden="true" focusable="false">'
    )


def _themed_style(style: str, colours: Mapping[str, str]) -> str:
    def variable(match: re.Match[str]) -> str:
        name = colours.get(match.group(0).lower())
        return f"var({name})" if name else match.group(0)

    return _HEX.sub(variable, style).replace("'DejaVu Sans'", "var(--sans)")


def curve_readout(figure: Figure) -> dict[str, Any]:
    """Return what a reader's pointer reads off the figure's curves.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Placed.

    Returns
    -------
    dict
        ``axes``: one entry for each axes with named curves of five points or more: its ``box`` in
        SVG units (left, top, width, height), ``xlim`` and ``ylim``, the ``xlabel`` and the
        ``curves`` (``name``, ``x``, ``y``). Empty list if there are none.
    """
    width, height = figure.get_size_inches() * _POINTS
    entries = []
    for axes in figure.axes:
        curves = []
        for line in axes.get_lines():
            label = str(line.get_label())
            x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
            if label.startswith("_") or len(x) < 5:
                continue
            curves.append(
                {
                    "name": label.split("  ")[0],
                    "x": [round(float(v), 4) for v in x],
                    "y": [round(float(v), 4) for v in y],
                }
            )
        if curves:
            box = axes.get_position()
            entries.append(
                {
                    "box": [
                        round(box.x0 * width, 2),
                        round((1 - box.y1) * height, 2),
                        round(box.width * width, 2),
                        round(box.height * height, 2),
                    ],
                    "xlim": [float(v) for v in axes.get_xlim()],
                    "ylim": [float(v) for v in axes.get_ylim()],
                    "xlabel": axes.get_xlabel(),
                    "curves": curves,
                }
            )
    return {"axes": entries}
