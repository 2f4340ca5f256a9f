"""NIfTI and NRRD files, through SimpleITK."""

from __future__ import annotations

import gzip
import math
import re
import struct
from io import BytesIO
from pathlib import Path

import numpy as np

from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.frame import MAXIMUM_PIXELS, Frame, check_size
from spl_kedro.imaging.grey import scale_of
from spl_kedro.imaging.grid import Grid
from spl_kedro.imaging.regions import checked
from spl_kedro.rules import Rule

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".seg.nrrd")
#: How many images of the largest size a file of outlines, a slice for each frame, may hold.
MOST_PLANES = 20
_LONGEST_FIELD = 400  # bytes
_PART = 2**20  # bytes unpacked at a time: a small file may unpack to more than the memory
_ITS_OWN_PIXELS = "Export header and pixels as one file."


def read_frame(path: Path, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> Frame:
    """Decode a single slice with its grid; SimpleITK gives NIfTI's places in DICOM's axes too."""
    image = image_of(path, data, most_pixels)
    channels = image.GetNumberOfComponentsPerPixel()
    pixels, kept = single_slice(path.name, image)
    grid = grid_of(image, kept)
    return Frame(
        pixels,
        scale_of(pixels.dtype),
        spacing_mm=checked(grid.spacing_mm) if grid.states_size else None,
        grid=grid,
        acquisition=Acquisition(
            "NRRD" if path.name.lower().endswith(".nrrd") else "NIFTI",
            bits=8 * pixels.dtype.itemsize,
            channels=channels,
        ),
    )


def image_of(path: Path, data: bytes, most_pixels: int, most_values: int = 4, *, planes: int = 1):
    """Decode a file whose header holds nothing that would harm its reader.

    Parameters
    ----------
    path : Path
    data : bytes
        Its content.
    most_pixels : int
        Of a slice.
    most_values : int
        For each pixel.
    planes : int
        All slices together may hold as many pixels as so many of the largest size.

    Raises
    ------
    UnusableLesionError
    """
    import SimpleITK as sitk

    if path.name.lower().endswith(".nrrd"):
        _check_nrrd(path.name, data)
    else:
        _check_nifti(path.name, data, 8 * planes * most_pixels)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    # Before memory is taken for as many pixels as the header states.
    width, *others = reader.GetSize()
    check_size(path.name, width, math.prod(others), planes * most_pixels)
    in_plane = [size for size in (width, *others) if size > 1][:2]
    check_size(path.name, in_plane[0] if in_plane else 1, math.prod(in_plane[1:]), most_pixels)
    values = reader.GetNumberOfComponents()
    if values > most_values:
        raise UnusableLesionError(
            Rule.TWO_DIMENSIONAL, f"{path.name} has {values} values for each pixel."
        )
    return reader.Execute()


def single_slice(name: str, image) -> tuple[np.ndarray, list[int]]:
    """Return the pixels of the only slice, and the two axes of the array that hold it.

    Raises
    ------
    UnusableLesionError
        If the file is a volume.
    """
    pixels, kept = slices_of(name, image)
    if len(kept) != 2:
        raise _volume(name, pixels.shape[:3])
    return pixels[0], kept


def slices_of(name: str, image) -> tuple[np.ndarray, list[int]]:
    """Return the pixels of all slices, and the axes of the array that hold them.

    Returns
    -------
    pixels : ndarray, shape (slices, height, width) or (slices, height, width, values)
    kept : list of int
        Two axes, or of several slices three, that of the slices first.

    Raises
    ------
    UnusableLesionError
        If the file has more axes.
    """
    import SimpleITK as sitk

    pixels = sitk.GetArrayFromImage(image)
    spatial = pixels.shape[:-1] if image.GetNumberOfComponentsPerPixel() > 1 else pixels.shape
    # One slice: writers put the single slice on any axis.
    kept = [axis for axis, size in enumerate(spatial) if size > 1 or len(spatial) == 2]
    if len(kept) not in (2, 3):
        raise _volume(name, spatial)
    sizes = [spatial[axis] for axis in kept]
    slices = [1, *sizes] if len(kept) == 2 else sizes
    return pixels.reshape(*slices, *pixels.shape[len(spatial) :]), kept


def _volume(name: str, shape: tuple[int, ...]) -> UnusableLesionError:
    return UnusableLesionError(Rule.SINGLE_FRAME, f"{name} is a volume of shape {shape}.")


def grid_of(image, kept: list[int]) -> Grid:
    """Return the grid of the two axes of an image that hold its single slice."""
    dimension = image.GetDimension()
    spacing = np.asarray(image.GetSpacing())
    steps = np.asarray(image.GetDirection()).reshape(dimension, dimension) * spacing
    origin = np.zeros(3)
    origin[: min(dimension, 3)] = image.GetOrigin()[:3]
    # Array axes run the other way round than SimpleITK's.
    axes = [dimension - 1 - axis for axis in kept]
    placed = np.zeros((3, 2))
    placed[: min(dimension, 3)] = steps[:3, axes]
    across = [axis for axis in range(min(dimension, 3)) if axis not in axes]
    return Grid(
        origin=origin,
        row_step=placed[:, 0],
        column_step=placed[:, 1],
        planar=dimension == 2,
        thickness_mm=float(spacing[across[0]]) if across else 0.0,
    )


def _check_nrrd(name: str, data: bytes) -> None:
    """Raise where the header names another file, or would overrun SimpleITK's own memory.

    A field that it does not understand is copied into its error, in a place of fixed size: found by
    fuzzing, SimpleITK 2.5.
    """
    end = re.search(rb"\r?\n\r?\n", data)
    header = data[: end.start()] if end else data
    fields = [
        line for line in re.split(rb"[\r\n]+", header)
        if not line.startswith(b"#") and b":=" not in line
    ]  # fmt: skip
    if any(re.match(rb"\s*data ?file\s*:", line, re.IGNORECASE) for line in fields):
        raise UnusableLesionError(
            Rule.READABLE, f"{name} keeps its pixels in another file.", _ITS_OWN_PIXELS
        )
    if max(map(len, fields)) > _LONGEST_FIELD:
        raise UnusableLesionError(
            Rule.READABLE, f"{name} has a header field of more than {_LONGEST_FIELD} bytes."
        )


def _check_nifti(name: str, data: bytes, most_bytes: int) -> None:
    """Raise if the file is cut off, states no pixel size, or would overrun SimpleITK's memory."""
    held = len(data)
    if data[:2] == b"\x1f\x8b":
        data, held = _unpacked(data, most_bytes)
    order = "<" if struct.unpack_from("<i", data)[0] == 348 else ">"
    sizes = struct.unpack_from(f"{order}8h", data, 40)
    (bits,) = struct.unpack_from(f"{order}h", data, 72)
    spacing = struct.unpack_from(f"{order}8f", data, 76)
    start, slope, intercept = struct.unpack_from(f"{order}3f", data, 108)
    if data[344:347] != b"n+1":
        raise UnusableLesionError(
            Rule.READABLE, f"{name} is no NIfTI-1 file that holds its own pixels.", _ITS_OWN_PIXELS
        )
    if sizes[0] >= 5 and sizes[5] > 1 and (slope, intercept) not in ((0, 0), (1, 0)):
        # Found by fuzzing, SimpleITK 2.5: such pixels are scaled beyond their end.
        raise UnusableLesionError(
            Rule.REAL_GREY,
            f"{name} has several values for each pixel and a scale for them.",
            "Export the image in grey, or in colour without a scale.",
        )
    needed = int(start) + int(np.prod(sizes[1 : 1 + sizes[0]], dtype=np.int64)) * bits // 8
    if held < needed:
        raise EOFError(f"the file holds {held} of {needed} bytes")
    checked((spacing[2], spacing[1]), "Correct the file's header.")


def _unpacked(data: bytes, most: int) -> tuple[bytes, int]:
    """Return the first bytes of a packed file, and how many it holds, counted up to `most`."""
    with gzip.open(BytesIO(data)) as packed:
        first = packed.read(_PART)
        held = part = len(first)
        while part and held < most:
            part = len(packed.read(_PART))
            held += part
    return first, held
