"""Read an ultrasound image or an outline from any file a hospital exports."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spl_kedro.imaging.errors import UnusableCaseError
from spl_kedro.imaging.grey import to_grey

PILLOW_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
DICOM_SUFFIXES = (".dcm", ".dicom")
SIMPLEITK_SUFFIXES = (".nii", ".nii.gz", ".nrrd")
SUFFIXES = PILLOW_SUFFIXES + DICOM_SUFFIXES + SIMPLEITK_SUFFIXES

# A larger image is no B-mode frame, and could exhaust the memory while it is decoded.
_MAXIMUM_PIXELS = 100_000_000


@dataclass(frozen=True)
class UltrasoundImage:
    """One frame as read from its file.

    Attributes
    ----------
    grey : ndarray of float64, shape (height, width)
        Grey values, 0 to 255.
    spacing_mm : tuple of float or None
        Pixel size in millimetres (row, column), where the file states it.
    sha256 : str
        Checksum of the file, 64 hexadecimal digits.
    """

    grey: np.ndarray
    spacing_mm: tuple[float, float] | None
    sha256: str


def suffix_of(path: str | Path) -> str:
    """Return the lower-case suffix of a file name; ``.nii.gz`` counts as one."""
    name = Path(path).name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else Path(name).suffix


def read_image(path: str | Path) -> UltrasoundImage:
    """Read one B-mode frame.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, TIFF, BMP, DICOM (single frame), NIfTI or NRRD file; 8 or 16 bits.

    Returns
    -------
    UltrasoundImage

    Raises
    ------
    UnusableCaseError
        If the file is missing, damaged, of another kind, or not a single frame.
    """
    pixels, maximum, spacing = _read_pixels(Path(path))
    return UltrasoundImage(
        grey=to_grey(pixels, maximum=maximum),
        spacing_mm=spacing,
        sha256=hashlib.sha256(Path(path).read_bytes()).hexdigest(),
    )


def read_mask(path: str | Path) -> np.ndarray:
    """Read one outline of any image mode as a binary mask.

    The rule: where the file has an alpha channel that is not opaque everywhere, a pixel
    belongs to the lesion when its alpha exceeds 127 of 255. Otherwise a pixel belongs to
    the lesion when its luminance exceeds half of the file's largest value, so that files
    storing 0/1, 0/255 and 0/65535 mean the same.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    UnusableCaseError
        If the file cannot be read.
    """
    pixels, _, _ = _read_pixels(Path(path))
    return binarise(pixels)


def binarise(pixels: np.ndarray) -> np.ndarray:
    """Apply the outline rule of :func:`read_mask` to the pixels of a file."""
    if pixels.ndim == 3 and pixels.shape[-1] in (2, 4):
        alpha = pixels[..., -1]
        if (alpha < 255).any():
            return alpha > 127
        pixels = pixels[..., :-1]
    values = pixels.astype(np.float64)
    if values.ndim == 3:
        values = values.max(axis=-1)
    highest = values.max(initial=0)
    if highest <= 0:
        return np.zeros(values.shape, dtype=bool)
    return values > highest / 2


def _read_pixels(path: Path) -> tuple[np.ndarray, float | None, tuple[float, float] | None]:
    """Return pixels (height, width[, channels]), the format's maximum, and the spacing."""
    suffix = suffix_of(path)
    if not path.is_file():
        raise UnusableCaseError(
            "file present", f"{path.name} does not exist.", "Put the file in place."
        )
    if suffix not in SUFFIXES:
        raise UnusableCaseError(
            "known file type",
            f"{path.name} has the suffix '{suffix}'.",
            f"Export it as one of {', '.join(SUFFIXES)}.",
        )
    try:
        if suffix in PILLOW_SUFFIXES:
            return _read_with_pillow(path)
        if suffix in DICOM_SUFFIXES:
            return _read_dicom(path)
        return _read_with_simpleitk(path)
    except UnusableCaseError:
        raise
    except Exception as error:
        raise UnusableCaseError(
            "readable file",
            f"{path.name} cannot be decoded ({type(error).__name__}: {_one_line(error, path)}).",
            "Export the file again; compare its size with the original.",
        ) from error


def _one_line(error: Exception, path: Path) -> str:
    """Return an error's text without line breaks and without the folder, which may identify."""
    return " ".join(str(error).replace(str(path), path.name).split())


def _read_with_pillow(path: Path) -> tuple[np.ndarray, float | None, None]:
    from PIL import Image

    with Image.open(path) as file:
        if file.width * file.height > _MAXIMUM_PIXELS:
            raise UnusableCaseError(
                "a plausible image size",
                f"{path.name} has {file.width} x {file.height} pixels.",
                "Export the B-mode frame at its native size.",
            )
        frames = getattr(file, "n_frames", 1)
        if frames > 1:
            raise UnusableCaseError(
                "a single frame",
                f"{path.name} holds {frames} frames.",
                "Export the one frame that was outlined.",
            )
        image: Image.Image = file
        if image.mode == "1":
            image = image.convert("L")
        elif image.mode in ("P", "PA"):
            transparent = image.mode == "PA" or "transparency" in image.info
            image = image.convert("RGBA" if transparent else "RGB")
        elif image.mode in ("CMYK", "YCbCr", "HSV", "LAB"):
            image = image.convert("RGB")
        pixels = np.asarray(image)
        deep = image.mode.startswith("I;16") or (image.mode == "I" and pixels.max(initial=0) > 255)
    return pixels, 65535.0 if deep else None, None


def _read_dicom(path: Path) -> tuple[np.ndarray, float | None, tuple[float, float] | None]:
    import pydicom
    from pydicom.pixels import apply_color_lut, convert_color_space

    dataset = pydicom.dcmread(path)
    if int(getattr(dataset, "NumberOfFrames", 1) or 1) > 1:
        raise UnusableCaseError(
            "a single frame",
            f"{path.name} holds {dataset.NumberOfFrames} frames.",
            "Export the one frame that was outlined.",
        )
    pixels = dataset.pixel_array
    photometric = str(dataset.PhotometricInterpretation)
    maximum = float(2 ** int(dataset.BitsStored) - 1)
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        maximum = float(np.iinfo(pixels.dtype).max)
    elif photometric.startswith("YBR"):
        pixels = convert_color_space(pixels, photometric, "RGB")
    elif photometric == "MONOCHROME1":
        pixels = (int(maximum) - pixels).astype(pixels.dtype)
    return pixels, maximum, _dicom_spacing(dataset)


def _dicom_spacing(dataset) -> tuple[float, float] | None:
    """Read Pixel Spacing, else the physical delta of the first ultrasound region (in cm)."""
    spacing = getattr(dataset, "PixelSpacing", None)
    if spacing:
        return float(spacing[0]), float(spacing[1])
    for region in getattr(dataset, "SequenceOfUltrasoundRegions", None) or []:
        centimetres = 3
        if (
            getattr(region, "PhysicalUnitsXDirection", None) == centimetres
            and getattr(region, "PhysicalUnitsYDirection", None) == centimetres
        ):
            return 10 * abs(float(region.PhysicalDeltaY)), 10 * abs(float(region.PhysicalDeltaX))
    return None


def _read_with_simpleitk(path: Path) -> tuple[np.ndarray, None, tuple[float, float] | None]:
    import SimpleITK as sitk

    image = sitk.ReadImage(str(path))
    pixels = sitk.GetArrayFromImage(image)
    channels = image.GetNumberOfComponentsPerPixel()
    spatial = pixels.shape[:-1] if channels > 1 else pixels.shape
    if len(spatial) == 3 and 1 in (spatial[0], spatial[2]):
        # One slice: NRRD and NIfTI writers put the single slice first or last.
        axis = 0 if spatial[0] == 1 else 2
        pixels = np.squeeze(pixels, axis=axis)
        in_plane = image.GetSpacing()[:2] if axis == 0 else image.GetSpacing()[1:]
    elif len(spatial) == 2:
        in_plane = image.GetSpacing()
    else:
        raise UnusableCaseError(
            "a single frame",
            f"{path.name} is a volume of shape {spatial}.",
            "Export the one frame that was outlined.",
        )
    column, row = (float(value) for value in in_plane)
    # Unit spacing is what these formats store when nothing is known.
    return pixels, None, None if (row, column) == (1.0, 1.0) else (row, column)
