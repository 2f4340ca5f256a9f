"""Outlines a second reader might have drawn: small, plausible changes of the first one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import ndimage

from spl_kedro.imaging import Lesion

Perturbation = Literal["dilated", "eroded", "wavering", "shifted", "rotated"]
PERTURBATIONS: tuple[Perturbation, ...] = ("dilated", "eroded", "wavering", "shifted", "rotated")

# Distance two readers' outlines typically lie apart, as a fraction of the lesion's radius.
READER_DISTANCE = 0.06
ROTATION_DEGREES = 5.0


def signed_distance(mask: np.ndarray) -> np.ndarray:
    """Distance to the outline in pixels, positive inside."""
    return ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)


def perturb_outline(mask: np.ndarray, kind: Perturbation, rng: np.random.Generator) -> np.ndarray:
    """Move an outline by about what two readers differ.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Outline, at least one pixel.
    kind : {"dilated", "eroded", "wavering", "shifted", "rotated"}
        dilated and eroded: the outline moves out or in; wavering: in and out along smooth
        noise; shifted: in a random direction; rotated: up to 5 degrees either way.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of bool, shape (height, width)
        The first outline where the change would leave nothing to measure.
    """
    radius = np.sqrt(mask.sum() / np.pi)
    step = max(1.0, READER_DISTANCE * radius)
    if kind == "dilated":
        moved = signed_distance(mask) > -step
    elif kind == "eroded":
        moved = signed_distance(mask) > step
    elif kind == "wavering":
        noise = ndimage.gaussian_filter(rng.standard_normal(mask.shape), max(radius / 4, 1.0))
        moved = signed_distance(mask) > step * noise / max(float(noise.std()), 1e-12)
    elif kind == "shifted":
        angle = rng.uniform(0, 2 * np.pi)
        offset = (step * np.sin(angle), step * np.cos(angle))
        moved = ndimage.shift(mask.astype(float), offset, order=1) > 0.5
    else:
        moved = _rotated(mask, np.deg2rad(rng.uniform(-ROTATION_DEGREES, ROTATION_DEGREES)))
    rows, columns = moved.any(axis=1).sum(), moved.any(axis=0).sum()
    # A lesion of a few pixels may vanish: it keeps its outline.
    return moved if rows >= 2 and columns >= 2 else mask.copy()


def _rotated(mask: np.ndarray, angle: float) -> np.ndarray:
    centre = np.array(ndimage.center_of_mass(mask))
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (
        ndimage.affine_transform(
            mask.astype(float), matrix, offset=centre - matrix @ centre, order=1
        )
        > 0.5
    )


def drawn_for(seed: int, what: str, lesion_id: str) -> np.random.Generator:
    """Return a lesion's own source of randomness, whoever else is changed and in which order.

    Parameters
    ----------
    seed : int
    what : str
        What is done to the lesion.
    lesion_id : str
    """
    digest = hashlib.sha256(f"{seed} {what} {lesion_id}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


@dataclass(frozen=True)
class PerturbedLesion:
    """Reads a lesion and perturbs its outline; picklable, so workers do it themselves.

    Parameters
    ----------
    load : callable
        Reads the lesion.
    lesion_id : str
        Together with `kind` and `seed` decides the perturbation.
    kind : str
        As in :func:`perturb_outline`.
    seed : int
    """

    load: Callable[[], Lesion]
    lesion_id: str
    kind: Perturbation
    seed: int

    def __call__(self) -> Lesion:
        """Return the lesion with its outline changed."""
        lesion = self.load()
        rng = drawn_for(self.seed, self.kind, self.lesion_id)
        return replace(lesion, mask=perturb_outline(np.asarray(lesion.mask, bool), self.kind, rng))
