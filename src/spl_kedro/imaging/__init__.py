"""Reading ultrasound files of any kind, and the lesions in them."""

from spl_kedro.imaging.lesion import Lesion

__all__ = ["Lesion"]
