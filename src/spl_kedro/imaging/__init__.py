"""Reading ultrasound files of any kind, and the lesions in them."""

from spl_kedro.imaging.errors import CaseWarning, UnusableLesionError
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.imaging.outlines import Outline
from spl_kedro.imaging.reader import (
    UltrasoundImage,
    image_of_bytes,
    outline_of_bytes,
    read_image,
    read_outline,
)

__all__ = [
    "CaseWarning",
    "Lesion",
    "Outline",
    "UltrasoundImage",
    "UnusableLesionError",
    "image_of_bytes",
    "outline_of_bytes",
    "read_image",
    "read_outline",
]
