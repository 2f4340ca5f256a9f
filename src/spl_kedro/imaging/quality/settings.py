"""Settings of the checks of image quality: thresholds, and what becomes of an image found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings

#: What becomes of an image in which a check finds something.
Action = Literal["flag", "quarantine", "inpaint"]


class Thresholds(Settings):
    """From where on each check finds something; null leaves the check out.

    Chosen on 75 labelled images of BrEaST and drawn positives (docs/quality.md).
    """

    text: float | None = Field(3, ge=2, description="letters in the longest line of text")
    callipers: float | None = Field(
        30, gt=0, le=255, description="grey values by which the clearest cross stands out"
    )
    dotted_line: float | None = Field(7, ge=4, description="dots in the longest dotted line")
    painted_over: float | None = Field(
        8, gt=0, description="pixels near the lesion that look grey and leave the image's tint"
    )
    colour_doppler: float | None = Field(
        0.001, gt=0, le=1, description="share of the image under areas of colour"
    )
    body_mark: float | None = Field(22, ge=22, description="pixels along the drawing's longer side")
    scale_line: float | None = Field(
        0.25, gt=0, le=1, description="share of the neighbourhood's height that a line runs along"
    )
    scale_ticks: float | None = Field(6, ge=4, description="ticks of the longest scale")
    grey_bar: float | None = Field(60, gt=40, description="rows of the longest bar of grey values")
    dual_view: float | None = Field(
        0.5, gt=0, le=2, description="1 less the correlation of columns beside each other"
    )
    sector_edge: float | None = Field(
        0.05, gt=0, le=1, description="share of the outline on the edge of what was scanned"
    )
    saturation: float | None = Field(
        0.05, gt=0, le=1, description="share of the lesion's neighbourhood that is white"
    )
    few_grey_levels: float | None = Field(
        64, ge=2, le=256, description="grey values in use; fewer are too few"
    )
    jpeg_blocks: float | None = Field(
        4, gt=1, description="roughness on a grid of 8 pixels, to that beside it"
    )
    upscaled: float | None = Field(
        0.22, gt=0, le=1, description="share of detail as fine as the pixels; less is too little"
    )


class QualitySettings(Settings):
    """How the quality of images is judged."""

    action: Action = Field(
        "flag",
        description="flag: a row of the warnings; quarantine: the case is left out; inpaint: text, "
        "callipers and dotted lines are filled in from beside them, the rest is flagged",
    )
    near: float = Field(
        0.3, ge=0, le=10, description="border around the lesion, as a share of its longer side"
    )
    read_text: bool = Field(
        True, description="tell what kind of text it is, where the extra `ocr` is installed"
    )
    thresholds: Thresholds = Thresholds()
