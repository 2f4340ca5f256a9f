from .errors import CaseWarning, UnusableLesionError
from .lesion import Lesion
from .outline import Outline
from .reader import (
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
