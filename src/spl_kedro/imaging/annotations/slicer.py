"""3D Slicer: a segmentation as `.seg.nrrd`, its segments as labels in layers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spl_kedro.imaging import itk_files
from spl_kedro.imaging.annotations.labels import no_such_label, normal, several_labels
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.outline import Outline
from spl_kedro.imaging.stacks import OutlineStack
from spl_kedro.rules import Rule

SUFFIX = ".seg.nrrd"
_MOST_LAYERS = 64
_VALUE = re.compile(r"Segment(\d+)_LabelValue")


class _Segment(NamedTuple):
    names: frozenset[str]
    layer: int
    value: int


def read(path: Path, data: bytes, label: str | None, most_pixels: int) -> Outline | OutlineStack:
    """Return the outline of a segmentation of one slice, or the outlines of a clip's frames.

    Parameters
    ----------
    path : Path
    data : bytes
        Its content.
    label : str or None
        Name or identifier of the lesion's segment; None where one segment alone has pixels.
    most_pixels : int
        Of a slice.

    Raises
    ------
    UnusableLesionError
        If it cannot be read, or the lesion's segment cannot be told.
    """
    image = itk_files.image_of(path, data, most_pixels, _MOST_LAYERS, planes=itk_files.MOST_PLANES)
    pixels, kept = itk_files.slices_of(path.name, image)
    layers = pixels[..., None] if pixels.ndim == 3 else pixels
    segments = _segments(image)
    if not segments:
        raise UnusableLesionError(
            Rule.READABLE,
            f"{path.name} names no segment.",
            "Save the segmentation in 3D Slicer as .seg.nrrd, or name a label map .nrrd.",
        )
    masks = [(segment.names, _mask(layers, segment)) for segment in segments]
    if label is None:
        found = [mask for _, mask in masks if mask.any()]
        if len(found) > 1:
            raise several_labels(path.name, len(found))
    else:
        found = [mask for names, mask in masks if normal(label) in names]
        if not found:
            raise no_such_label(path.name)
    mask = np.logical_or.reduce(found) if found else np.zeros(layers.shape[:3], dtype=bool)
    begins = _corner(image, kept)
    corner = None if begins is None else (begins[-2], begins[-1])
    if len(kept) == 2:
        return Outline(mask[0], itk_files.grid_of(image, kept), corner=corner)
    first = None if begins is None else begins[0] + 1
    outlines = {
        n: Outline(one, corner=corner) for n, one in enumerate(mask, first or 1) if one.any()
    }
    return OutlineStack(path.name, outlines, len(mask), first=first)


def _segments(image) -> list[_Segment]:
    """Return what the header says of each segment."""
    said = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    numbers = sorted(int(found[1]) for key in said if (found := _VALUE.fullmatch(key)))
    return [
        _Segment(
            frozenset(normal(said.get(f"Segment{n}_{name}", "")) for name in ("Name", "ID")),
            int(said.get(f"Segment{n}_Layer", 0)),
            int(said[f"Segment{n}_LabelValue"]),
        )
        for n in numbers
    ]


def _mask(layers: np.ndarray, segment: _Segment) -> np.ndarray:
    if not 0 <= segment.layer < layers.shape[-1]:
        return np.zeros(layers.shape[:3], dtype=bool)
    mask: np.ndarray = layers[..., segment.layer] == segment.value
    return mask


def _corner(image, kept: list[int]) -> tuple[int, ...] | None:
    """Return where a segmentation cut to its segments begins, along each of some axes."""
    key = "Segmentation_ReferenceImageExtentOffset"
    if key not in image.GetMetaDataKeys():
        return None
    offset = [int(word) for word in image.GetMetaData(key).split()]
    axes = [image.GetDimension() - 1 - axis for axis in kept]
    if max(axes) >= len(offset):
        return None
    return tuple(offset[axis] for axis in axes)
