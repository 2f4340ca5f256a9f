"""All checks of an image's quality, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spl_kedro.imaging.errors import CaseWarning
from spl_kedro.imaging.quality.callipers import find_crosses, find_dots
from spl_kedro.imaging.quality.colour import coloured_share, painted_over
from spl_kedro.imaging.quality.compression import blocking, fine_detail
from spl_kedro.imaging.quality.frame_marks import body_mark, grey_bar, ruled_share, scale_ticks
from spl_kedro.imaging.quality.grey_levels import levels, saturated_share
from spl_kedro.imaging.quality.neighbours import Marks
from spl_kedro.imaging.quality.picture import Picture
from spl_kedro.imaging.quality.settings import QualitySettings
from spl_kedro.imaging.quality.text import Text, find_text, rest_of_lines, strokes_of
from spl_kedro.imaging.quality.views import cut_share, seam
from spl_kedro.rules import Rule


@dataclass(frozen=True)
class Check:
    """One check of an image.

    Attributes
    ----------
    name : str
        As in the table and in the settings' thresholds.
    rule : Rule
        What is expected of the image.
    unit : str
        What its value counts, in words; ``{value}`` stands for the number.
    below : bool
        Whether something is found below the threshold, and not from it on.
    """

    name: str
    rule: Rule
    unit: str
    below: bool = False


CHECKS = (
    Check("text", Rule.NO_TEXT, "a line of {value:.0f} letters"),
    Check("callipers", Rule.NO_CALLIPERS, "a cross that outshines its corners by {value:.0f}"),
    Check("dotted_line", Rule.NO_DOTTED_LINE, "a line of {value:.0f} dots"),
    Check("painted_over", Rule.NOT_PAINTED_OVER, "{value:.0f} pixels off the image's tint"),
    Check("colour_doppler", Rule.NO_COLOUR, "colour over {value:.1%} of the image"),
    Check("body_mark", Rule.NO_BODY_MARK, "a drawing {value:.0f} pixels long"),
    Check("scale_line", Rule.NO_SCALE, "an upright line along {value:.0%} of the height"),
    Check("scale_ticks", Rule.NO_SCALE, "a row of {value:.0f} ticks"),
    Check("grey_bar", Rule.NO_SCALE, "a bar of grey values, {value:.0f} rows high"),
    Check("dual_view", Rule.ONE_VIEW, "a seam in the middle ({value:.2f})"),
    Check("sector_edge", Rule.WHOLE_LESION, "{value:.0%} of the outline on the edge"),
    Check("saturation", Rule.NOT_SATURATED, "{value:.1%} of the pixels near the lesion are white"),
    Check("few_grey_levels", Rule.GREY_LEVELS, "{value:.0f} grey values in use", below=True),
    Check("jpeg_blocks", Rule.NO_BLOCKS, "{value:.1f} times rougher on a grid of 8 pixels"),
    Check(
        "upscaled", Rule.NATIVE_SIZE, "{value:.1%} of the detail is as fine as pixels", below=True
    ),
)
#: What can be filled in from beside it.
INPAINTED = ("text", "callipers", "dotted_line")


class Finding(NamedTuple):
    """What one check measured.

    Attributes
    ----------
    check : str
        Its name.
    value : float
        In the check's unit; NaN where it does not apply, such as colour in a grey image.
    threshold : float
    found : bool
    kind : str
        Of text: what it looks like, or that this is not told. Never what it says.
    """

    check: str
    value: float
    threshold: float
    found: bool
    kind: str = ""


class Examination(NamedTuple):
    """What all checks found in one image.

    Attributes
    ----------
    findings : list of Finding
        One of each check that has a threshold, in the order of `CHECKS`.
    drawn : ndarray of bool, shape (height, width)
        Text, callipers and dotted lines that were found, to be filled in.
    """

    findings: list[Finding]
    drawn: np.ndarray

    @property
    def found(self) -> list[Finding]:
        """Those that found something."""
        return [finding for finding in self.findings if finding.found]


def examine(picture: Picture, settings: QualitySettings) -> Examination:
    """Judge one image.

    Parameters
    ----------
    picture : Picture
    settings : QualitySettings

    Returns
    -------
    Examination
    """
    limits = {name: limit for name, limit in settings.thresholds if limit is not None}
    never = float("inf")
    strokes = strokes_of(picture)
    text = find_text(strokes, int(limits.get("text", 1_000_000)))
    crosses = find_crosses(picture, limits.get("callipers", never))
    dots = find_dots(picture, int(limits.get("dotted_line", 1_000_000)))
    values = {
        "text": text.letters,
        "callipers": crosses.contrast,
        "dotted_line": dots.length,
        **_measured(picture, strokes, text),
    }
    findings = []
    for check in CHECKS:
        if check.name not in limits:
            continue
        value, limit = float(values[check.name]), float(limits[check.name])
        found = value < limit if check.below else value >= limit
        kind = _kind(picture, text, settings) if check.name == "text" and found else ""
        findings.append(Finding(check.name, value, limit, bool(found), kind))
    drawn = text.mask | crosses.mask | dots.mask
    if settings.action == "inpaint" and text.boxes:
        drawn |= rest_of_lines(picture, text)
    return Examination(findings, drawn)


def _measured(picture: Picture, strokes: Marks, text: Text) -> dict[str, float]:
    near = strokes.where(
        picture.is_near((strokes.top + strokes.bottom) / 2, (strokes.left + strokes.right) / 2)
    )
    marks = body_mark(near, text.mask)
    return {
        "painted_over": painted_over(picture),
        "colour_doppler": coloured_share(picture),
        "body_mark": float(np.maximum(marks.height, marks.width).max(initial=0)),
        "scale_line": ruled_share(picture),
        "scale_ticks": scale_ticks(near),
        "grey_bar": grey_bar(picture),
        "dual_view": seam(picture),
        "sector_edge": cut_share(picture),
        "saturation": saturated_share(picture),
        "few_grey_levels": levels(picture),
        "jpeg_blocks": blocking(picture),
        "upscaled": fine_detail(picture),
    }


def _kind(picture: Picture, text: Text, settings: QualitySettings) -> str:
    from spl_kedro.imaging.quality.reading import NOT_TOLD, kinds_of_text

    return kinds_of_text(picture, text.boxes) if settings.read_text else NOT_TOLD


def warning_of(finding: Finding) -> CaseWarning:
    """Return what is said of a case with something found in its image."""
    check = next(check for check in CHECKS if check.name == finding.check)
    limit = "below {:g}" if check.below else "from {:g} on"
    kind = f" that looks like {finding.kind}" if finding.kind else ""
    message = (
        f"{check.unit.format(value=finding.value)}{kind} (data_processing.quality.thresholds."
        f"{check.name}: found {limit.format(finding.threshold)})."
    )
    return CaseWarning(str(check.rule), message, check.rule.remedy)
