"""The pairs of images that are copies of each other, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from spl_kedro.imaging.duplicates.candidates import bits_apart, candidates, frame_bits_apart
from spl_kedro.imaging.duplicates.correlation import crop_similarities, frame_similarities
from spl_kedro.imaging.duplicates.prints import LesionPrint
from spl_kedro.imaging.duplicates.settings import DuplicateSettings

#: How one image of a pair differs from the other, as far as their pixels tell.
Kind = Literal["exact", "re-encoded", "brightness", "cropped", "near"]
KINDS: tuple[Kind, ...] = ("exact", "re-encoded", "brightness", "cropped", "near")
# A smaller lesion has too few pixels for its texture to be told from another's.
_LEAST_SIDE = 16
# Grey values, on average over the image, from which on brightness was changed.
_BRIGHTER = 2.0
# Part of their union that two boxes share from which on they are of one lesion.
_ONE_LESION = 0.5


class Pair(NamedTuple):
    """Two images that are copies of each other.

    Attributes
    ----------
    first, second : int
        Their positions, the smaller first.
    kind : {"exact", "re-encoded", "brightness", "cropped", "near"}
        The same pixels; the same image stored or scaled otherwise, or with marks; with other
        brightness; a part of it; or an image of the same size in which the same lesion lies
        elsewhere or looks a little different, such as the next frame.
    crop_similarity, frame_similarity : float
        Correlations of the lesions and of the whole images.
    hash_distance : float
        Share of bits in which the lesions' hashes differ.
    same_lesion : bool
        Whether the two outlines are of one lesion, and not of two in one image.
    """

    first: int
    second: int
    kind: Kind
    crop_similarity: float
    frame_similarity: float
    hash_distance: float
    same_lesion: bool


def find_pairs(
    prints: Sequence[LesionPrint], checksums: Sequence[str], settings: DuplicateSettings
) -> list[Pair]:
    """Return all pairs of copies.

    Parameters
    ----------
    prints : sequence of LesionPrint
    checksums : sequence of str
        Of each image's grey values.
    settings : DuplicateSettings

    Returns
    -------
    list of Pair
        In ascending order.
    """
    # The hashes of the same pixels are the same, so that exact copies are among the candidates.
    pairs = candidates(prints, settings.crop_distance, settings.frame_distance)
    crops = crop_similarities(prints, pairs)
    sides = np.array([one.longer_side for one in prints])
    pixels = np.unique(np.asarray(checksums, dtype=str), return_inverse=True)[1]
    exact_pairs = pixels[pairs[:, 0]] == pixels[pairs[:, 1]]
    same_crops = (sides[pairs].min(axis=1) >= _LEAST_SIDE) & (crops >= settings.crop_similarity)
    alike = frame_bits_apart(prints, pairs) <= settings.frame_distance
    looked_at = np.flatnonzero(exact_pairs | same_crops | alike)
    frames = frame_similarities(prints, pairs[looked_at])
    found = []
    for place, frame in zip(looked_at.tolist(), frames.tolist(), strict=True):
        first, second = pairs[place].tolist()
        one, other, crop = prints[first], prints[second], float(crops[place])
        exact, same_crop = bool(exact_pairs[place]), bool(same_crops[place])
        whole = 1.0 if exact else frame
        same_frame = exact or whole >= settings.frame_similarity
        if same_frame or same_crop:
            kind: Kind = "exact" if exact else _kind(one, other, same_frame)
            lesion = _overlap(one, other) >= _ONE_LESION if same_frame else True
            distance = bits_apart(one, other)
            found.append(Pair(first, second, kind, crop, whole, distance, lesion))
    return found


def _kind(one: LesionPrint, other: LesionPrint, same_frame: bool) -> Kind:
    if same_frame:
        apart = np.abs(one.frame.astype(np.int16) - other.frame.astype(np.int16)).mean()
        return "brightness" if apart >= _BRIGHTER else "re-encoded"
    return "near" if one.shape == other.shape else "cropped"


def _overlap(one: LesionPrint, other: LesionPrint) -> float:
    """Return the intersection of two lesions' boxes over their union, in shares of the image."""
    sides = []
    for image, box in ((one.shape, one.box), (other.shape, other.box)):
        height, width = image
        sides.append(np.array(box) / (height, height, width, width))
    (a, b, c, d), (e, f, g, h) = (side.tolist() for side in sides)
    shared = max(0.0, min(b, f) - max(a, e)) * max(0.0, min(d, h) - max(c, g))
    return shared / ((b - a) * (d - c) + (f - e) * (h - g) - shared)
