"""NIfTI and NRRD files, through SimpleITK."""

from __future__ import annotations

import gzip
import math
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

SUFFIXES = (".nii", ".nii.gz", ".nrrd")
_MOST_BYTES = 8 * MAXIMUM_PIXELS


def read_frame(path: Path, data: bytes) -> Frame:
    """Decode a single slice with its grid; SimpleITK gives NIfTI's places in DICOM's axes too."""
    import SimpleITK as sitk

    if not path.name.lower().endswith(".nrrd"):
        _check_nifti(data)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    # Before memory is taken for as many pixels as the header states.
    width, *others = reader.GetSize()
    check_size(path.name, width, math.prod(others))
    image = reader.Execute()
    pixels = sitk.GetArrayFromImage(image)
    channels = image.GetNumberOfComponentsPerPixel()
    spatial = pixels.shape[:-1] if channels > 1 else pixels.shape
    # One slice: writers put the single slice on any axis.
    kept = [axis for axis, size in enumerate(spatial) if size > 1 or len(spatial) == 2]
    if len(kept) != 2:
        raise UnusableLesionError(
            Rule.SINGLE_FRAME,
            f"{path.name} is a volume of shape {spatial}.",
        )
    pixels = pixels.reshape(*(spatial[axis] for axis in kept), *pixels.shape[len(spatial) :])
    grid = _grid(image, kept)
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


def _grid(image, kept: list[int]) -> Grid:
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


def _check_nifti(data: bytes) -> None:
    """Raise if the file is cut off or states no pixel size, which SimpleITK passes over."""
    if data[:2] == b"\x1f\x8b":
        with gzip.open(BytesIO(data)) as packed:
            # What a frame can hold and no more: a small file may unpack to more than the memory.
            data = packed.read(_MOST_BYTES)
    order = "<" if struct.unpack_from("<i", data)[0] == 348 else ">"
    sizes = struct.unpack_from(f"{order}8h", data, 40)
    (bits,) = struct.unpack_from(f"{order}h", data, 72)
    spacing = struct.unpack_from(f"{order}8f", data, 76)
    (start,) = struct.unpack_from(f"{order}f", data, 108)
    needed = int(start) + int(np.prod(sizes[1 : 1 + sizes[0]], dtype=np.int64)) * bits // 8
    if data[344:347] == b"n+1" and len(data) < needed:
        raise EOFError(f"the file holds {len(data)} of {needed} bytes")
    checked((spacing[2], spacing[1]), "Correct the file's header.")
