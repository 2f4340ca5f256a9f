"""From a matplotlib figure to an SVG that follows the page's light or dark theme.

The picture stays text and vectors: it prints sharply, its words can be searched and read
aloud, and its colours are the page's CSS variables, so one picture serves both themes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any, NamedTuple

from spl_kedro.drawing import POINTS

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
_NUMBER = re.compile(r"(\d+\.\d{3})\d+")
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(xlink:href|href)="#([^"]+)"')
_URL = re.compile(r"url\(#([^)]+)\)")
_SIZE = re.compile(r'<svg [^>]*width="([\d.]+)pt" height="([\d.]+)pt"')
_DESCRIPTION = re.compile(r"<dc:description>(.*?)</dc:description>", re.DOTALL)
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


class InlineSvg(NamedTuple):
    """A picture for the page.

    Attributes
    ----------
    svg : str
        An ``svg`` element without width, height, XML header or metadata, hidden from screen
        readers, whose words stand beside it (`ReportFigure.alt`).
    readout : dict
        From `spl_kedro.drawing.curve_readout`.
    width, height : int
        Largest size on the page in CSS pixels; 15 % over the drawn size, for words drawn for print
        are small.
    """

    svg: str
    readout: dict[str, Any]
    width: int
    height: int


def stored_svg(svg: str, key: str, *, theme: bool = True) -> InlineSvg:
    """Return an SVG file that matplotlib wrote as inline SVG.

    Parameters
    ----------
    svg : str
        With its size in points, and in its description what `spl_kedro.drawing.curve_readout`
        gave, if anything.
    key : str
        Unique within the page: every id in the picture is prefixed with it.
    theme : bool
        Whether known colours become the page's variables (`THEME_COLOURS`).

    Returns
    -------
    InlineSvg

    Raises
    ------
    ValueError
        If the file names no size in points.
    """
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError(f"figure {key}: the SVG has no width and height in points")
    width, height = (round(1.15 * 96 / POINTS * float(side)) for side in size.groups())
    said = _DESCRIPTION.search(svg)
    readout = json.loads(unescape(said[1])) if said else {"axes": []}
    return InlineSvg(themed(svg, key, THEME_COLOURS if theme else {}), readout, width, height)


def themed(svg: str, key: str, colours: Mapping[str, str] = THEME_COLOURS) -> str:
    """Prepare matplotlib's SVG for a page; see `stored_svg`.

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
