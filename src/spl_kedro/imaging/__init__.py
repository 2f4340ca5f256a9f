"""Reading ultrasound files of any kind, and the lesions in them."""

from spl_kedro.imaging.errors import UnusableCaseError
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.imaging.reader import UltrasoundImage, read_image, read_mask

__all__ = ["Lesion", "UltrasoundImage", "UnusableCaseError", "read_image", "read_mask"]
