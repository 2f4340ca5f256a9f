"""Outlines of a lesion: from pixels to a mask, several united, and what cannot be right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from spl_kedro.imaging.errors import CaseWarning, UnusableLesionError
from spl_kedro.rules import Rule

_SHAPE_OF_PIXEL = np.ones((3, 3), dtype=bool)

# A label map counts its labels from 1; grey outlines use the upper end of their range.
_LARGEST_LABEL = 32
# Shares of the largest value between which a pixel is neither background nor lesion.
_LOW, _HIGH = 0.1, 0.9
# An outline this thin, from its middle to its edge in pixels and as a share of its length, that
# fills this little of what its ends span is a line.
_LINE_HALF_WIDTH, _LINE_HALF_WIDTH_SHARE = 3.0, 0.05
_LINE_FILL = 0.4
# Pixels this dark that hang together with the image's border were not scanned.
_DARK = 2
_UNSCANNED_SHARE = 0.2


def outline_of(
    pixels: np.ndarray, *, inverted: bool = False, label: str | None = None
) -> np.ndarray:
    """Turn the pixels of an outline file into a mask.

    Where the file has an alpha channel that is not opaque everywhere, a pixel belongs to the
    lesion when its alpha exceeds half. Otherwise a pixel belongs to the lesion when its largest
    channel exceeds half of the file's largest value, so that files storing 0/1, 0/255 and
    0/65535 mean the same.

    Parameters
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        Grey, grey + alpha, RGB or RGBA.
    inverted : bool
        Whether the smallest value is white.
    label : str, optional
        Number of the lesion's label in a label map: exactly the pixels of this value belong to it.

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    UnusableLesionError
        If the file holds a picture, or several labels of which only one can be the lesion.
    """
    if label is not None and pixels.ndim == 2 and label.strip().isdecimal():
        return pixels == int(label)
    colours, highest = None, None
    if pixels.ndim == 3 and pixels.shape[-1] in (2, 4):
        alpha = pixels[..., -1]
        opaque = np.iinfo(alpha.dtype).max if np.issubdtype(alpha.dtype, np.integer) else 1
        if (alpha >= opaque).all():
            pixels = pixels[..., :-1]
        else:
            pixels, highest = alpha, float(opaque)
    values = pixels.astype(np.float64)
    if values.ndim == 3:
        colours, values = values, values.max(axis=-1)
    if inverted:
        values = values.max(initial=0) - values
    highest = float(values.max(initial=0)) if highest is None else highest
    if not np.isfinite(highest) or highest <= 0:
        return np.zeros(values.shape, dtype=bool)
    mask = values > highest / 2
    _check_two_values(values / highest, mask)
    _check_one_label(values, highest, colours, mask)
    return mask


def _check_two_values(shares: np.ndarray, mask: np.ndarray) -> None:
    """Raise if a file holds more shades than the soft edge of an outline explains."""
    between = (shares > _LOW) & (shares < _HIGH)
    count = int(between.sum())
    if count < max(mask.sum() / 2, 0.02 * mask.size):
        return
    if len(np.unique(shares[between])) > 16:
        raise UnusableLesionError(
            Rule.NO_PICTURE,
            f"{count / mask.size:.0%} of the outline file's pixels are neither black nor white.",
        )


def _check_one_label(
    values: np.ndarray, highest: float, colours: np.ndarray | None, mask: np.ndarray
) -> None:
    """Raise if several areas of different value could each be the lesion."""
    numbered = highest <= _LARGEST_LABEL and (values == np.rint(values)).all()
    low, high = (0, highest) if numbered else (_LOW * highest, _HIGH * highest)
    enough = max(4, 0.005 * mask.sum())
    between = (values > low) & (values < high)
    several, found = False, []
    if int(between.sum()) >= enough:
        other = between & _flat(values)
        found = sorted({f"{value:g}" for value in np.unique(values[other])[:3]} | {f"{highest:g}"})
        several = int(other.sum()) >= enough
    if not several and colours is not None:
        code = (colours > highest / 2) @ np.array([1, 2, 4][: colours.shape[-1]])
        if np.unique(code[mask]).size > 1:
            kinds, counts = np.unique(code[_flat(code) & mask], return_counts=True)
            found = [f"colour {kind}" for kind in kinds[counts >= enough]]
            several = len(found) > 1
    if several:
        raise UnusableLesionError(
            Rule.ONE_LABEL,
            f"the outline file holds several labels ({', '.join(found)}); which one is the lesion "
            "cannot be told.",
        )


def _flat(values: np.ndarray) -> np.ndarray:
    """Return where all eight neighbours have the same value: areas, not the shades of an edge."""
    return ndimage.maximum_filter(values, size=3) == ndimage.minimum_filter(values, size=3)


def unite(masks: Sequence[np.ndarray]) -> np.ndarray:
    """Return the union of several outlines of one lesion.

    Parameters
    ----------
    masks : sequence of ndarray of bool, each of shape (height, width)

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    UnusableLesionError
        If the outlines differ in size.
    """
    shapes = {mask.shape for mask in masks}
    if len(shapes) > 1:
        raise UnusableLesionError(
            Rule.ONE_OUTLINE_SIZE,
            f"the lesion's outlines have the sizes {sorted(shapes)}.",
        )
    return np.logical_or.reduce(list(masks))


def check_outline(mask: np.ndarray, image: np.ndarray, minimum_pixels: int) -> None:
    """Raise if an outline cannot be measured on its image.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    image : ndarray, shape (height, width)
    minimum_pixels : int
        Smallest number of lesion pixels that is accepted.

    Raises
    ------
    UnusableLesionError
        If sizes differ, the outline is empty or too small, covers the whole image or most of its
        border, is a line that is not filled or one pixel thin, or lies on pixels of a single
        grey value.
    """
    if mask.shape != image.shape:
        raise UnusableLesionError(
            Rule.SAME_SIZE,
            f"the outline is {mask.shape} and the image {image.shape} (height, width).",
        )
    pixels = int(mask.sum())
    if pixels == 0:
        raise UnusableLesionError(Rule.NOT_EMPTY, "the outline holds no pixel.")
    if pixels < minimum_pixels:
        raise UnusableLesionError(
            Rule.LARGE_ENOUGH,
            f"the outline holds {pixels} pixels, fewer than {minimum_pixels}.",
        )
    if pixels == mask.size:
        raise UnusableLesionError(
            Rule.INSIDE,
            "the outline covers every pixel of the image.",
            "Check that the file is the outline and not the image.",
        )
    border = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
    if border.mean() > 0.5:
        raise UnusableLesionError(
            Rule.NOT_INVERTED,
            f"the outline holds {border.mean():.0%} of the image's border.",
        )
    _check_filled(mask)
    height, width = _cropped(mask).shape
    if min(height, width) == 1:
        raise UnusableLesionError(
            Rule.BOTH_DIRECTIONS, f"the outline is {height} pixels high and {width} wide."
        )
    if np.ptp(image[mask]) == 0:
        raise UnusableLesionError(
            Rule.GREY_VALUES,
            f"every lesion pixel has the grey value {image[mask][0]:g}.",
        )


def _check_filled(mask: np.ndarray) -> None:
    """Raise if the outline is the drawn contour, closed or open, and not the area within."""
    from skimage.morphology import convex_hull_image

    mask = _cropped(mask)
    hollow = ndimage.binary_fill_holes(mask).sum() > 1.5 * mask.sum()
    if not hollow:
        parts, count = ndimage.label(mask, structure=_SHAPE_OF_PIXEL)
        largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:]) if count > 1 else mask
        part = _cropped(largest)
        half_width = ndimage.distance_transform_edt(np.pad(part, 1)).max()
        thin = half_width <= max(_LINE_HALF_WIDTH, _LINE_HALF_WIDTH_SHARE * max(part.shape))
        hollow = thin and part.sum() < _LINE_FILL * convex_hull_image(part).sum()
    if hollow:
        raise UnusableLesionError(
            Rule.FILLED,
            f"the outline is a line: {mask.sum()} pixels around or along what it encloses.",
        )


def _cropped(mask: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def outline_warnings(mask: np.ndarray, image: np.ndarray) -> list[CaseWarning]:
    """Return what looks wrong about an outline that can be measured.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    image : ndarray, shape (height, width)
        Grey values, 0 to 255.
    """
    # A dark lesion stays within: only what hangs together with the border counts.
    dark = image <= _DARK
    if dark[mask].mean() <= _UNSCANNED_SHARE:
        return []
    parts, count = ndimage.label(dark)
    unscanned = np.zeros(count + 1, dtype=bool)
    unscanned[np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])] = True
    unscanned[0] = False
    share = float(unscanned[parts[mask]].mean())
    if share <= _UNSCANNED_SHARE:
        return []
    return [
        CaseWarning(
            "an outline inside the scanned sector",
            f"{share:.0%} of the outline lies on the black surround of the image.",
            "Check that outline and image belong together.",
        )
    ]


def in_pieces(mask: np.ndarray) -> list[CaseWarning]:
    """Return the warning on one outline in several pieces, that is, perhaps several lesions.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Not empty.
    """
    parts, count = ndimage.label(mask, structure=_SHAPE_OF_PIXEL)
    if count == 1:
        return []
    share = np.bincount(parts[mask])[1:].max() / mask.sum()
    return [
        CaseWarning(
            "an outline in one piece",
            f"the outline is in {count} pieces, of which the largest holds {share:.0%}.",
            "Give each lesion a row and an outline of its own, or remove stray pixels.",
        )
    ]
