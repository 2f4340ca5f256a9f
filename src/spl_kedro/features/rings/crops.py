"""What a network is given of a lesion's surroundings: a crop, and where its rings lie in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spl_kedro.features.rings.cases import Missing, RingCase
from spl_kedro.features.rings.geometry import rings_reach
from spl_kedro.imaging import Lesion
from spl_kedro.imaging.crops import Window, crop_window, cut, require_croppable
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule


@dataclass(frozen=True)
class RingCrop:
    """A crop that holds a lesion's outermost ring.

    Attributes
    ----------
    lesion_id : str
    pixels : ndarray of uint8, shape (2, size, size), or None
        Grey values, and the share of each pixel inside the outline, 0 to 255. None where there is
        no crop.
    shares : ndarray of float32, shape (rings, size, size)
        Which share of each pixel lies in each ring and in view; 0 throughout of a ring that
        counts as missing.
    missing : list of Missing
        Of what is missing.
    """

    lesion_id: str
    pixels: np.ndarray | None
    shares: np.ndarray
    missing: list[Missing] = field(default_factory=list)


def ring_window(mask: np.ndarray, reach: np.ndarray, margin: float) -> Window:
    """Return the square around a lesion that holds its outermost ring.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Outline with at least one pixel.
    reach : ndarray of int, shape (2,)
        From :func:`.geometry.rings_reach`.
    margin : float
        Border on each side, as a share of the longer side of the box that holds the ring.
    """
    first, last = [], []
    for axis in (0, 1):
        touched = np.flatnonzero(mask.any(axis=1 - axis))
        first.append(int(touched[0]) - int(reach[axis]))
        last.append(int(touched[-1]) + int(reach[axis]))
    box = max(last[0] - first[0], last[1] - first[1]) + 1
    side = round(box * (1 + 2 * margin))
    top, left = ((a + b + 1 - side) // 2 for a, b in zip(first, last, strict=True))
    return Window(top, left, side)


def area_shares(mask: np.ndarray, size: int) -> np.ndarray:
    """Return which share of each cell of a coarser or finer grid a mask covers.

    By area, so that a ring thinner than a cell still counts; by sums and not products of
    matrices, so that the last bit does not depend on threads.

    Parameters
    ----------
    mask : ndarray of bool, shape (side, side)
    size : int
        Cells along an edge.

    Returns
    -------
    ndarray of float64, shape (size, size)
        0 to 1; their mean is that of the mask.
    """
    return _cells(_cells(mask.astype(np.float64), size).T, size).T


def _cells(values: np.ndarray, size: int) -> np.ndarray:
    """Return the means of values (side, n) over `size` equal parts of the first axis."""
    side = len(values)
    total = np.zeros((side + 2, values.shape[1]))
    np.cumsum(values, axis=0, out=total[1:-1])
    total[-1] = total[-2]
    edges = np.arange(size + 1) * (side / size)
    whole = np.minimum(edges.astype(int), side)
    part = (edges - whole)[:, None]
    at = total[whole] + part * (total[whole + 1] - total[whole])
    return np.diff(at, axis=0) * (size / side)


def crop_rings(case: RingCase, size: int) -> RingCrop:
    """Crop the surroundings of one lesion; a bad one never stops the others.

    Parameters
    ----------
    case : RingCase
    size : int
        Edge of the crop in pixels.

    Returns
    -------
    RingCrop
    """
    nothing = np.zeros((len(case.distances.pairs), size, size), np.float32)
    read = case.read()
    if isinstance(read, Missing):
        return RingCrop(case.lesion_id, None, nothing, [read])
    lesion, others = read
    try:
        require_croppable(lesion)
        rings = case.rings(lesion, others)
        if isinstance(rings, Missing):
            return RingCrop(case.lesion_id, None, nothing, [rings])
        hidden = case.out_of_view(rings)
        seen = {k: ring.mask for k, ring in enumerate(rings) if k not in hidden}
        if not seen:
            return RingCrop(case.lesion_id, None, nothing, list(hidden.values()))
        pixels, shares = _cropped(case, lesion, seen, nothing)
        return RingCrop(case.lesion_id, pixels, shares, list(hidden.values()))
    except UnusableLesionError as error:
        why = Missing(error.rule, error.message, error.remedy)
    except Exception as error:  # a defect met by one lesion must not cost the others
        rule = Rule.NO_DEFECT
        why = Missing(rule, f"{type(error).__name__}: {error}", rule.remedy)
    return RingCrop(case.lesion_id, None, nothing, [why])


def _cropped(
    case: RingCase, lesion: Lesion, seen: dict[int, np.ndarray], shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mask = np.asarray(lesion.mask, dtype=bool)
    reach = rings_reach(lesion, case.distances)
    window = ring_window(mask, reach, case.parameters.deep.margin)
    size = shares.shape[-1]
    for place, ring in seen.items():
        shares[place] = area_shares(cut(ring, window), size)
    return crop_window(lesion, window, size), shares
