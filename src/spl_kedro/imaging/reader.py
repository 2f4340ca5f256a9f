"""Read an ultrasound image or an outline from any file a hospital exports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from spl_kedro.guarded import limits
from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.imaging.clips import chosen_frame
from spl_kedro.imaging.decode import SUFFIXES, decode_bytes, decode_file, suffix_of
from spl_kedro.imaging.decoding import decoded
from spl_kedro.imaging.errors import CaseWarning
from spl_kedro.imaging.frame import Frame
from spl_kedro.imaging.grey import GreyRange, PixelScale, check_contrast, to_grey
from spl_kedro.imaging.grid import Grid
from spl_kedro.imaging.outline import ImagePlace, Outline
from spl_kedro.imaging.outline_files import AnyOutline, decode_outline
from spl_kedro.imaging.outlines import outline_of
from spl_kedro.imaging.regions import Region, Spacing, pixel_size

__all__ = [
    "SUFFIXES",
    "UltrasoundImage",
    "image_of_bytes",
    "outline_of_bytes",
    "read_image",
    "read_outline",
    "suffix_of",
]

_EIGHT_BITS = PixelScale()


@dataclass(frozen=True)
class UltrasoundImage:
    """One frame as read from its file.

    Attributes
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        In the file's own type.
    spacing_mm : tuple of float or None
        Pixel size in millimetres (row, column), where the file states one for the whole image.
    sha256 : str
        Checksum of the file, see :func:`.decode.decode_file`, 64 hexadecimal digits.
    scale : PixelScale
        What the file's format says of its pixel values.
    grid : Grid or None
        Where the pixels lie in the patient.
    regions : tuple of Region
        Parts of the image with a pixel size of their own (DICOM).
    acquisition : Acquisition or None
        How it was made and stored.
    instance : str
        Which DICOM image it is, see :func:`.dicom_files.instance_of`; empty for other files.
    number : int or None
        Which frame of a clip it is, from 1; None where the file holds no other.
    frames : int
        How many the file holds.
    """

    pixels: np.ndarray
    spacing_mm: Spacing | None
    sha256: str
    scale: PixelScale = _EIGHT_BITS
    grid: Grid | None = None
    regions: tuple[Region, ...] = ()
    acquisition: Acquisition | None = None
    instance: str = ""
    number: int | None = None
    frames: int = 1

    @property
    def place(self) -> ImagePlace:
        """What its outline must know of it."""
        return ImagePlace(self.shape, self.grid, self.instance, self.number, self.frames)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def grey(self) -> np.ndarray:
        """Grey values by the file's format, float64, 0 to 255, shape (height, width)."""
        return to_grey(self.pixels, self.scale)

    def grey_within(self, grey_range: GreyRange, minimum_share: float) -> np.ndarray:
        """Return grey values by a study's settings, as :func:`~spl_kedro.imaging.grey.to_grey`.

        Raises
        ------
        UnusableLesionError
            If the values leave their range, use less than `minimum_share` of it or are two alone.
        """
        grey = to_grey(self.pixels, self.scale, grey_range)
        check_contrast(grey, self.pixels, self.scale, minimum_share)
        return grey

    def spacing_at(self, mask: np.ndarray) -> tuple[Spacing | None, list[CaseWarning]]:
        """Return the pixel size where an outline lies, and warnings: see `regions.pixel_size`."""
        return pixel_size(mask, self.spacing_mm, self.regions)


def read_image(path: str | Path) -> UltrasoundImage:
    """Read one B-mode frame; of a clip, that of the nearest :func:`.clips.at_frame`.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, TIFF, BMP, DICOM, NIfTI or NRRD file.

    Returns
    -------
    UltrasoundImage

    Raises
    ------
    UnusableLesionError
        If the file is missing, damaged, of another kind, not a single frame, or not decoded within
        the limits of :mod:`spl_kedro.guarded`.
    """
    frame, sha256 = _read_frame(Path(path))
    image = _image_of(frame, sha256)
    if image.acquisition is None:
        return image
    written = date.fromtimestamp(Path(path).stat().st_mtime)
    return replace(image, acquisition=replace(image.acquisition, written=written))


def read_outline(path: str | Path, label: str | None = None) -> AnyOutline:
    """Read one outline: a picture by the rule of :func:`~.outlines.outline_of`, or drawn shapes.

    Parameters
    ----------
    path : str or Path
        An image of any mode, a label map, LabelMe JSON, ``.seg.nrrd``, DICOM SEG or RTSTRUCT.
    label : str, optional
        Name of the lesion's label, segment or structure, where the file holds several; of a label
        map, its number.

    Returns
    -------
    Outline, OutlinesOfImages, OutlineStack, DrawnOutline or PatientOutline
        Its method `on` gives the mask on the image.

    Raises
    ------
    UnusableLesionError
        If the file cannot be read, is a picture, or holds several labels.
    """
    path = Path(path)
    found, sha256 = decoded(
        path.name, decode_outline, path.absolute(), label, most_pixels=limits().pixels
    )
    if not isinstance(found, Frame):
        return replace(found, sha256=sha256)
    mask = outline_of(found.pixels, inverted=found.scale.inverted, label=label)
    return Outline(mask, grid=found.grid, sha256=sha256)


def image_of_bytes(name: str, data: bytes) -> UltrasoundImage:
    """Decode one B-mode frame, as :func:`read_image` does, of a file that is no file here.

    Parameters
    ----------
    name : str
        What messages call it.
    data : bytes
        Content of a PNG, JPEG, TIFF, BMP or DICOM file, told by its first bytes. Nothing else is
        opened, and no path or address in it is followed.

    Returns
    -------
    UltrasoundImage

    Raises
    ------
    UnusableLesionError
        As :func:`read_image`.
    """
    return _image_of(*_frame_of_bytes(name, data))


def outline_of_bytes(name: str, data: bytes) -> Outline:
    """Decode one outline, as :func:`read_outline` does, of a file that is no file here."""
    frame, sha256 = _frame_of_bytes(name, data)
    return Outline(
        outline_of(frame.pixels, inverted=frame.scale.inverted), grid=frame.grid, sha256=sha256
    )


def _image_of(frame: Frame, sha256: str) -> UltrasoundImage:
    return UltrasoundImage(
        frame.pixels,
        frame.spacing_mm,
        sha256,
        frame.scale,
        frame.grid,
        frame.regions,
        frame.acquisition,
        frame.instance,
        frame.number,
        frame.frames,
    )


def _frame_of_bytes(name: str, data: bytes) -> tuple[Frame, str]:
    return decoded(name, decode_bytes, name, data, most_pixels=limits().pixels)


def _read_frame(path: Path) -> tuple[Frame, str]:
    """Return the frame a file holds, and the checksum of the file."""
    # Absolute: the process that decodes may have been started in another folder.
    return decoded(path.name, decode_file, path.absolute(), limits().pixels, chosen_frame())
