"""DICOM files, through pydicom, as PS3.3 C.11 shows them: modality LUT, then window, then grey."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from io import BytesIO

import numpy as np

from spl_kedro.imaging.acquisition import Acquisition, day_of, words
from spl_kedro.imaging.clips import ClipError, check_frame
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.frame import MAXIMUM_PIXELS, Frame, check_size
from spl_kedro.imaging.grey import PixelScale
from spl_kedro.imaging.grid import Grid
from spl_kedro.imaging.regions import Region
from spl_kedro.rules import Rule

SUFFIXES = (".dcm", ".dicom")
#: All that is read of a file, by PS3.6 keyword; the rest is dropped before anything looks at it.
WHITELIST = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID"),
    # How pixels are stored, and how they are shown.
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    *("SegmentedRedPaletteColorLookupTableData", "SegmentedGreenPaletteColorLookupTableData"),
    "SegmentedBluePaletteColorLookupTableData",
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "RescaleType"),
    *("VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth"),
    # Of the sequences above.
    *("LUTDescriptor", "LUTData", "ModalityLUTType"),
    # Sizes and places.
    *("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "SliceThickness"),
    "SequenceOfUltrasoundRegions",
    *("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1"),
    *("PhysicalUnitsXDirection", "PhysicalUnitsYDirection", "PhysicalDeltaX", "PhysicalDeltaY"),
    # How the image was made, for the controls: days are kept as distances, see `acquisition`.
    *("Manufacturer", "ManufacturerModelName"),
    *("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "SeriesDate", "StudyDate"),
)
_CENTIMETRES = 3
# First tags of a file without a preamble: of the meta information, of the data set itself.
_BARE = (b"\x02\x00\x00\x00", b"\x08\x00")


def is_one(data: bytes) -> bool:
    """Return whether a file begins as DICOM does (PS3.10, 7.1)."""
    return data[128:132] == b"DICM"


def read_frame(
    name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS, number: int | None = None
) -> Frame:
    """Decode one frame; colour comes out as RGB, grey after modality LUT and VOI LUT.

    Parameters
    ----------
    name : str
    data : bytes
    most_pixels : int
        Of one frame.
    number : int, optional
        Which frame of a clip, from 1; no other is decoded.

    Raises
    ------
    ClipError
        If there are several, and none is named.
    UnusableLesionError
        If it cannot be read.
    """
    from pydicom.pixels import apply_color_lut, convert_color_space

    dataset = whitelisted(dataset_of(name, data))
    if "PixelData" not in dataset or "Rows" not in dataset or "Columns" not in dataset:
        kind = _name_of(dataset.get("SOPClassUID"))
        raise UnusableLesionError(
            Rule.READABLE,
            f"{name} is a DICOM file without an image{kind and f' ({kind})'}.",
            "Export the frame itself, not a report, a measurement or a directory.",
        )
    instance = instance_of(dataset.get("SOPInstanceUID"))
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    if number is not None:
        check_frame(name, number, frames)
    elif frames > 1:
        raise ClipError(name, frames, instance)
    check_size(name, int(dataset.Columns), int(dataset.Rows), most_pixels)
    decoder = _decoder(name, dataset)
    pixels, decoded = decoder.as_array(dataset, index=(number or 1) - 1, raw=False)
    # What the pixels are now: pydicom turns most kinds of YBR into RGB while decoding.
    photometric = str(decoded["photometric_interpretation"])
    scale = PixelScale(0.0, float(2 ** int(dataset.BitsStored) - 1))
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        scale = PixelScale(0.0, float(np.iinfo(pixels.dtype).max))
    elif photometric.startswith("YBR"):
        pixels = convert_color_space(pixels, photometric, "RGB")
    elif photometric.startswith("MONOCHROME"):
        pixels, black, white = _displayed(dataset, pixels)
        scale = PixelScale(black, white, inverted=photometric == "MONOCHROME1")
    return Frame(
        pixels, scale, _spacing(dataset), _grid(dataset), _regions(dataset), _acquisition(dataset),
        instance, number if frames > 1 else None, frames,
    )  # fmt: skip


def instance_of(uid: object) -> str:
    """Return a checksum that tells a DICOM image from others without naming it; empty for none."""
    return hashlib.sha256(str(uid).encode()).hexdigest() if uid else ""


def class_of(name: str, data: bytes) -> str:
    """Return what a file holds: its SOP class UID (PS3.4, B.5); empty where it states none."""
    return str(dataset_of(name, data).get("SOPClassUID") or "")


def whitelisted(dataset, kept: Collection[str] = WHITELIST):
    """Drop every attribute but those of a whitelist, within sequences too."""
    from pydicom.datadict import keyword_for_tag

    # Elements are not decoded by this: a tag is known without its value.
    for tag in list(dataset.keys()):
        if keyword_for_tag(tag) not in kept:
            del dataset[tag]
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                whitelisted(item, kept)
    return dataset


def _acquisition(dataset) -> Acquisition:
    """Return how the image was made: bits, channels, manufacturer and model, day."""
    days = ("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "SeriesDate", "StudyDate")
    stated = (day_of(dataset.get(name)) for name in days)
    return Acquisition(
        "DICOM",
        bits=int(dataset.BitsStored),
        channels=int(dataset.get("SamplesPerPixel") or 1),
        scanner=words(dataset.get("Manufacturer"), dataset.get("ManufacturerModelName")),
        taken=next((day for day in stated if day is not None), None),
    )


def dataset_of(name: str, data: bytes):
    """Return the data set of a file, also of one that begins without preamble."""
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if not is_one(data) and not data.startswith(_BARE):
        raise UnusableLesionError(Rule.READABLE, f"{name} does not begin as a DICOM file does.")
    dataset = pydicom.dcmread(BytesIO(data), force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, _ = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def _decoder(name: str, dataset):
    """Return the decoder of a file's pixels, or raise where this machine has none."""
    from pydicom.pixels import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
        available = decoder.is_available
    except (KeyError, NotImplementedError):
        available = False
    if not available:
        raise UnusableLesionError(
            Rule.READABLE,
            f"the pixels of {name} are compressed as {_name_of(syntax) or 'an unknown syntax'}, "
            "which cannot be decoded here.",
            "Export it uncompressed, or as JPEG, JPEG 2000 or RLE.",
        )
    return decoder


def _name_of(uid) -> str:
    """Return the standard's name of an identifier; nothing of one that the standard lacks."""
    name = str(getattr(uid, "name", ""))
    return "" if name == str(uid) else name


def _displayed(dataset, pixels: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return grey pixels after modality LUT and VOI LUT, and the values of black and white."""
    from pydicom.pixels import apply_modality_lut, apply_voi_lut

    bits = int(dataset.BitsStored)
    low = -(2 ** (bits - 1)) if dataset.PixelRepresentation else 0
    black, white = float(low), float(low + 2**bits - 1)
    if dataset.get("ModalityLUTSequence"):
        black, white = 0.0, _entries(dataset.ModalityLUTSequence[0])
    elif "RescaleSlope" in dataset and "RescaleIntercept" in dataset:
        slope, intercept = float(dataset.RescaleSlope), float(dataset.RescaleIntercept)
        black, white = (end * slope + intercept for end in (black, white))
    shown = apply_modality_lut(pixels, dataset)
    if dataset.get("VOILUTSequence"):
        black, white = 0.0, _entries(dataset.VOILUTSequence[0])
        shown = apply_voi_lut(shown, dataset)
    elif dataset.get("WindowCenter") is not None and dataset.get("WindowWidth") is not None:
        # The window's ends go to the ends of the range, also where the slope turns it round;
        # rounding errors must not lead out of it.
        shown = apply_voi_lut(shown, dataset).clip(min(black, white), max(black, white))
    else:
        black, white = min(black, white), max(black, white)
    return shown, black, white


def _entries(table) -> float:
    """Return the largest value of a look-up table, by its nominal depth in bits."""
    return float(2 ** int(table.LUTDescriptor[2]) - 1)


def _spacing(dataset) -> tuple[float, float] | None:
    """Return the pixel size of the whole image: Pixel Spacing, or a region without a place."""
    spacing = dataset.get("PixelSpacing")
    if spacing:
        return float(spacing[0]), float(spacing[1])
    sizes = [
        _region_spacing(item)
        for item in dataset.get("SequenceOfUltrasoundRegions") or []
        if _box(item) is None
    ]
    return next((size for size in sizes if size is not None), None)


def _grid(dataset) -> Grid | None:
    """Return the grid of a file that states position, orientation and pixel size."""
    position = dataset.get("ImagePositionPatient")
    orientation = dataset.get("ImageOrientationPatient")
    spacing = _spacing(dataset)
    if not position or not orientation or spacing is None or not min(spacing) > 0:
        return None
    along_row, along_column = np.asarray(orientation, dtype=np.float64).reshape(2, 3)
    if not np.allclose([np.linalg.norm(along_row), np.linalg.norm(along_column)], 1, atol=0.01):
        return None
    return Grid(
        origin=np.asarray(position, dtype=np.float64),
        row_step=along_column * spacing[0],
        column_step=along_row * spacing[1],
        planar=False,
        thickness_mm=float(dataset.get("SliceThickness") or 0),
    )


def _regions(dataset) -> tuple[Region, ...]:
    items = dataset.get("SequenceOfUltrasoundRegions") or []
    boxes = ((item, _box(item)) for item in items)
    return tuple(Region(box, _region_spacing(item)) for item, box in boxes if box is not None)


def _box(item) -> tuple[int, int, int, int] | None:
    names = ("MinX0", "MinY0", "MaxX1", "MaxY1")
    corners = [item.get(f"RegionLocation{name}") for name in names]
    if None in corners:
        return None
    left, top, right, bottom = (int(corner) for corner in corners)
    return left, top, right, bottom


def _region_spacing(item) -> tuple[float, float] | None:
    """Return the pixel size of a region whose axes are lengths; its deltas are centimetres."""
    units = {item.get("PhysicalUnitsXDirection"), item.get("PhysicalUnitsYDirection")}
    if units != {_CENTIMETRES}:
        return None
    return 10 * abs(float(item.PhysicalDeltaY)), 10 * abs(float(item.PhysicalDeltaX))
