"""Read an ultrasound image or an outline from any file a hospital exports."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from spl_kedro.imaging import dicom_files, itk_files, pillow_files
from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.imaging.errors import CaseWarning, UnusableLesionError, as_unusable_lesion
from spl_kedro.imaging.frame import MAXIMUM_PIXELS, Frame
from spl_kedro.imaging.grey import GreyRange, PixelScale, check_contrast, to_grey
from spl_kedro.imaging.grid import Grid
from spl_kedro.imaging.outlines import Outline, outline_of
from spl_kedro.imaging.regions import Region, Spacing, pixel_size
from spl_kedro.rules import Rule

SUFFIXES = pillow_files.SUFFIXES + dicom_files.SUFFIXES + itk_files.SUFFIXES


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
        Checksum of the file, 64 hexadecimal digits.
    scale : PixelScale
        What the file's format says of its pixel values.
    grid : Grid or None
        Where the pixels lie in the patient.
    regions : tuple of Region
        Parts of the image with a pixel size of their own (DICOM).
    acquisition : Acquisition or None
        How it was made and stored.
    """

    pixels: np.ndarray
    spacing_mm: Spacing | None
    sha256: str
    scale: PixelScale = _EIGHT_BITS
    grid: Grid | None = None
    regions: tuple[Region, ...] = ()
    acquisition: Acquisition | None = None

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


def suffix_of(path: str | Path) -> str:
    """Return the lower-case suffix of a file name; ``.nii.gz`` counts as one."""
    name = Path(path).name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else Path(name).suffix


def read_image(path: str | Path) -> UltrasoundImage:
    """Read one B-mode frame.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, TIFF, BMP, DICOM (single frame), NIfTI or NRRD file.

    Returns
    -------
    UltrasoundImage

    Raises
    ------
    UnusableLesionError
        If the file is missing, damaged, of another kind, or not a single frame.
    """
    frame, sha256 = _read_frame(Path(path))
    image = _image_of(frame, sha256)
    if image.acquisition is None:
        return image
    written = date.fromtimestamp(Path(path).stat().st_mtime)
    return replace(image, acquisition=replace(image.acquisition, written=written))


def read_outline(path: str | Path) -> Outline:
    """Read one outline of any image mode by the rule of :func:`~.outlines.outline_of`.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Outline

    Raises
    ------
    UnusableLesionError
        If the file cannot be read, is a picture, or holds several labels.
    """
    frame, sha256 = _read_frame(Path(path))
    return Outline(
        outline_of(frame.pixels, inverted=frame.scale.inverted), grid=frame.grid, sha256=sha256
    )


def image_of_bytes(name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> UltrasoundImage:
    """Decode one B-mode frame, as :func:`read_image` does, of a file that is no file here.

    Parameters
    ----------
    name : str
        What messages call it.
    data : bytes
        Content of a PNG, JPEG, TIFF, BMP or DICOM file, told by its first bytes. Nothing else is
        opened, and no path or address in it is followed.
    most_pixels : int
        A larger image is refused by its header, before it is decoded.

    Returns
    -------
    UltrasoundImage

    Raises
    ------
    UnusableLesionError
        As :func:`read_image`.
    """
    return _image_of(*_frame_of_bytes(name, data, most_pixels))


def outline_of_bytes(name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> Outline:
    """Decode one outline, as :func:`read_outline` does, of a file that is no file here."""
    frame, sha256 = _frame_of_bytes(name, data, most_pixels)
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
    )


def _frame_of_bytes(name: str, data: bytes, most_pixels: int) -> tuple[Frame, str]:
    try:
        frame = _by_content(name, data, most_pixels)
    except Exception as error:
        raise as_unusable_lesion(error, name) from error
    return frame, hashlib.sha256(data).hexdigest()


def _by_content(name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> Frame:
    """Decode a file that its first bytes tell, whatever it is called."""
    if pillow_files.is_one(data):
        return pillow_files.read_frame(name, data, most_pixels)
    if dicom_files.is_one(data):
        return dicom_files.read_frame(name, data, most_pixels)
    raise UnusableLesionError(
        Rule.FILE_TYPE,
        f"the first bytes of {name} are those of no PNG, JPEG, TIFF, BMP or DICOM file.",
        "Export it as PNG, JPEG, TIFF, BMP or DICOM.",
    )


def _read_frame(path: Path) -> tuple[Frame, str]:
    """Return the frame a file holds, and the checksum of the file."""
    try:
        return _decode(path)
    except Exception as error:
        raise as_unusable_lesion(error, path) from error


def _decode(path: Path) -> tuple[Frame, str]:
    suffix = suffix_of(path)
    # Never opened unless a regular file: reading from a pipe would wait for ever.
    if not path.is_file():
        found = "is no regular file" if path.is_symlink() or path.exists() else "does not exist"
        raise UnusableLesionError(Rule.PRESENT, f"{path.name} {found}.")
    if suffix and suffix not in SUFFIXES:
        raise UnusableLesionError(
            Rule.FILE_TYPE,
            f"{path.name} has the suffix '{suffix}'.",
        )
    data = path.read_bytes()
    if not suffix:  # as DICOM media name their files
        frame = _by_content(path.name, data)
    elif suffix in pillow_files.SUFFIXES:
        frame = pillow_files.read_frame(path.name, data)
    elif suffix in dicom_files.SUFFIXES:
        frame = dicom_files.read_frame(path.name, data)
    else:
        frame = itk_files.read_frame(path, data)
    return frame, hashlib.sha256(data).hexdigest()
