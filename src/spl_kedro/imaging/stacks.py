"""Outlines of a clip as one file with a slice for each frame: TIFF, NIfTI, NRRD, 3D Slicer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spl_kedro.imaging import itk_files, pillow_files
from spl_kedro.imaging.decode import suffix_of
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.outline import Clip, ImagePlace, Outline
from spl_kedro.imaging.outlines import outline_of
from spl_kedro.rules import Rule

_A_SLICE_EACH = "Export the outlines with a slice for each frame of the clip."


@dataclass(frozen=True)
class OutlineStack:
    """Outlines of one lesion, slice by slice.

    Attributes
    ----------
    name : str
        The file.
    outlines : dict of int to Outline
        By the number of the slice, from 1; of those slices alone that hold something.
    slices : int
        How many the file holds.
    sha256 : str
    first : int or None
        Which frame the first slice is of, where the file is a cut that says so.
    """

    name: str
    outlines: dict[int, Outline]
    slices: int
    sha256: str = ""
    first: int | None = None

    def frames_of(self, clip: Clip) -> frozenset[int] | None:
        """Return which frames of a clip are outlined.

        Raises
        ------
        UnusableLesionError
            If there is not a slice for each frame.
        """
        self._check_slices(clip.frames)
        return frozenset(self.outlines)

    def on(self, image: ImagePlace) -> np.ndarray:
        """Return the mask on a frame of a clip: that of its slice, pixel by pixel.

        Places in the patient are passed over: frames of a clip follow each other in time.

        Raises
        ------
        UnusableLesionError
            If the image is no clip, there is not a slice for each frame, or that of the frame
            holds nothing.
        """
        if image.number is None:
            raise UnusableLesionError(Rule.SINGLE_FRAME, f"{self.name} holds {self.slices} slices.")
        self._check_slices(image.frames)
        if image.number not in self.outlines:
            raise UnusableLesionError(
                Rule.NOT_EMPTY, f"{self.name} holds nothing in the slice of frame {image.number}."
            )
        return self.outlines[image.number].on(ImagePlace(image.shape))

    def _check_slices(self, frames: int) -> None:
        last = (self.first or 1) + self.slices - 1
        if last > frames or (self.first is None and last < frames):
            raise UnusableLesionError(
                Rule.SINGLE_FRAME,
                f"{self.name} holds {self.slices} slices, and the clip {frames} frames.",
                _A_SLICE_EACH,
            )


def read(path: Path, data: bytes, label: str | None, most_pixels: int) -> OutlineStack | None:
    """Return the outlines of a TIFF file of several pages, or of a volume in NIfTI or NRRD.

    Parameters
    ----------
    path : Path
    data : bytes
        Its content.
    label : str or None
        Number of the lesion's label in a label map.
    most_pixels : int
        Of a slice.

    Returns
    -------
    OutlineStack or None
        None where the file is of another kind.

    Raises
    ------
    UnusableLesionError
        If it cannot be read, is a picture, or holds several labels.
    """
    suffix, inverted = suffix_of(path), False
    if suffix in pillow_files.SUFFIXES:
        pages = pillow_files.read_pages(path.name, data, most_pixels)
        if pages is None:
            return None
        inverted = pages[0].scale.inverted
        pixels = np.stack([page.pixels for page in pages])
    elif suffix in itk_files.SUFFIXES:
        image = itk_files.image_of(path, data, most_pixels, planes=itk_files.MOST_PLANES)
        pixels, _ = itk_files.slices_of(path.name, image)
    else:
        return None
    masks = _masks(pixels, inverted=inverted, label=label)
    return OutlineStack(path.name, {n: Outline(mask) for n, mask in masks.items()}, len(pixels))


def _masks(pixels: np.ndarray, *, inverted: bool, label: str | None) -> dict[int, np.ndarray]:
    """Return the mask of each slice that holds one, from 1, by the rule of a single picture.

    The slices are judged together, so that two labels are seen where each has a slice of its own.
    """
    background = pixels.max() if inverted else pixels.min()
    drawn = [n for n, one in enumerate(pixels) if (one != background).any()]
    if not drawn:
        return {}
    joined = outline_of(np.concatenate(pixels[drawn]), inverted=inverted, label=label)
    masks = joined.reshape(len(drawn), *pixels.shape[1:3])
    return {n + 1: mask for n, mask in zip(drawn, masks, strict=True) if mask.any()}
