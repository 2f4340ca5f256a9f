"""Where a saliency map's energy lies: inside the lesion, in its rim, or outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt


@dataclass(frozen=True)
class EnergyShares:
    """Shares of a map's energy and of the area in three zones, each triple summing to 1.

    Attributes
    ----------
    inside, rim, outside : float
        Share of the map's energy inside the outline, within the rim around it, and beyond.
    inside_area, rim_area, outside_area : float
        Share of the area of each zone: the shares an even map would have.
    rim_px : float
        Width of the rim in pixels (row direction).
    """

    inside: float
    rim: float
    outside: float
    inside_area: float
    rim_area: float
    outside_area: float
    rim_px: float


def energy_shares(
    saliency: np.ndarray,
    mask: np.ndarray,
    *,
    spacing_mm: tuple[float, float] | None,
    rim_mm: float = 5.0,
    rim_fraction: float = 0.25,
) -> EnergyShares:
    """Split a saliency map's energy between the lesion, its rim and the rest.

    Parameters
    ----------
    saliency : ndarray of float, shape (height, width)
        Non-negative map.
    mask : ndarray of bool, shape (height, width)
        Lesion on the same pixels.
    spacing_mm : tuple of float or None
        Pixel size (row, column); None where unknown.
    rim_mm : float
        Width of the rim where the spacing is known.
    rim_fraction : float
        Width of the rim as a share of the lesion's equivalent diameter where it is not.

    Returns
    -------
    EnergyShares
        An empty map (no evidence anywhere) has energy shares of NaN.

    Raises
    ------
    ValueError
        If the shapes differ, the mask is empty or the map has negative or missing values.
    """
    if saliency.shape != mask.shape:
        raise ValueError(f"map {saliency.shape} and mask {mask.shape} differ in shape")
    if not mask.any():
        raise ValueError("the mask is empty: no lesion pixel lies in the mapped region")
    if not np.isfinite(saliency).all() or (saliency < 0).any():
        raise ValueError("the map has negative or missing values; rectify it first")
    if spacing_mm is None:
        distance = distance_transform_edt(~mask)
        width = rim_px = rim_fraction * 2 * float(np.sqrt(mask.sum() / np.pi))
    else:
        distance = distance_transform_edt(~mask, sampling=spacing_mm)
        width, rim_px = rim_mm, rim_mm / spacing_mm[0]
    rim = ~mask & (distance <= width)
    outside = ~mask & ~rim
    total = float(saliency.sum())
    zones = (mask, rim, outside)
    inside, around, beyond = (
        float(saliency[zone].sum()) / total if total > 0 else np.nan for zone in zones
    )
    return EnergyShares(
        inside=inside,
        rim=around,
        outside=beyond,
        inside_area=float(mask.mean()),
        rim_area=float(rim.mean()),
        outside_area=float(outside.mean()),
        rim_px=float(rim_px),
    )
