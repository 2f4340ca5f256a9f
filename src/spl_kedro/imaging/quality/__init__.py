"""Is an image fit to be measured: burned-in marks, colour, what is in view, how it was stored."""

from spl_kedro.imaging.quality.checks import (
    CHECKS,
    INPAINTED,
    Examination,
    Finding,
    examine,
    warning_of,
)
from spl_kedro.imaging.quality.inpainting import inpainted
from spl_kedro.imaging.quality.picture import Picture, colours_of
from spl_kedro.imaging.quality.settings import Action, QualitySettings, Thresholds

__all__ = [
    "CHECKS",
    "INPAINTED",
    "Action",
    "Examination",
    "Finding",
    "Picture",
    "QualitySettings",
    "Thresholds",
    "colours_of",
    "examine",
    "inpainted",
    "warning_of",
]
