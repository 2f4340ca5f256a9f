"""From a file to the outline in it: what a process of its own does, see `spl_kedro.guarded`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from spl_kedro.imaging import decode, dicom_files, stacks
from spl_kedro.imaging.annotations import coco, labelme, rtstruct, seg, slicer, via
from spl_kedro.imaging.annotations.contents import json_of
from spl_kedro.imaging.annotations.rtstruct import PatientOutline
from spl_kedro.imaging.annotations.shapes import DrawnOutline
from spl_kedro.imaging.clips import ClipError
from spl_kedro.imaging.errors import UnusableLesionError, as_unusable_lesion
from spl_kedro.imaging.frame import Frame
from spl_kedro.imaging.outline import Outline, OutlinesOfImages
from spl_kedro.imaging.stacks import OutlineStack
from spl_kedro.rules import Rule

#: What a program stores an outline in, each with its method `on` that gives the mask.
AnyOutline = Outline | OutlinesOfImages | OutlineStack | DrawnOutline | PatientOutline
#: Those that may say which frames of a clip they outline, by their method `frames_of`.
TELL_FRAMES = (OutlinesOfImages, OutlineStack, PatientOutline)
SUFFIXES = (*decode.SUFFIXES, ".json")
_NO_CLIP = "Export the outlines of a clip as DICOM SEG, or as TIFF, NIfTI or .seg.nrrd."


def decode_outline(
    path: Path, label: str | None, most_pixels: int
) -> tuple[Frame | AnyOutline, str]:
    """Return the outline a file holds, a frame where it is a picture, and the file's checksum.

    Parameters
    ----------
    path : Path
    label : str or None
        The lesion's, where the file holds several.
    most_pixels : int
        A larger file is refused by its header, before it is decoded.

    Raises
    ------
    UnusableLesionError
        If the file is missing, damaged, of another kind, or the lesion cannot be told.
    """
    try:
        data = decode.content_of(path, SUFFIXES)
        found = _outline(path, data, label, most_pixels) or _picture(path, data, label, most_pixels)
    except MemoryError:
        raise
    except Exception as error:
        raise as_unusable_lesion(error, path) from error
    return found, hashlib.sha256(data).hexdigest()


def _picture(path: Path, data: bytes, label: str | None, most_pixels: int) -> Frame | OutlineStack:
    """Return the single frame of a picture, or its slices where there are several."""
    try:
        return decode.decode_file(path, most_pixels)[0]
    except ClipError as clip:
        raise UnusableLesionError(Rule.SINGLE_FRAME, clip.message, _NO_CLIP) from clip
    except UnusableLesionError as error:
        # A volume's pixels are counted together before its slices are.
        if error.rule not in (Rule.SINGLE_FRAME, Rule.IMAGE_SIZE):
            raise
        stack = stacks.read(path, data, label, most_pixels)
        if stack is None:
            raise
        return stack


def _outline(path: Path, data: bytes, label: str | None, most_pixels: int) -> AnyOutline | None:
    """Return the outline of a file that is no picture, else None."""
    suffix = decode.suffix_of(path)
    if suffix == ".json":
        return _json(path.name, data, label)
    if suffix == slicer.SUFFIX:
        return slicer.read(path, data, label, most_pixels)
    if suffix in ("", *dicom_files.SUFFIXES) and dicom_files.is_one(data):
        kind = dicom_files.class_of(path.name, data)
        if kind in seg.CLASSES:
            return seg.read(path.name, data, label, most_pixels)
        if kind in rtstruct.CLASSES:
            return rtstruct.read(path.name, data, label)
    return None


def _json(name: str, data: bytes, label: str | None) -> AnyOutline:
    content = json_of(name, data)
    if labelme.is_one(content):
        return labelme.read(name, content, label)
    if coco.is_one(content) or via.is_one(content):
        raise UnusableLesionError(
            Rule.FILE_TYPE,
            f"{name} is a file of many images.",
            "Let lesion_masks in conf/<environment>/catalog.yml be an AnnotationFileDataset of it.",
        )
    raise UnusableLesionError(
        Rule.READABLE, f"{name} is no LabelMe file.", "Save the outline in LabelMe again."
    )
