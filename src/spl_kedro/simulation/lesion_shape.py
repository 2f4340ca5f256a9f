"""The contour of a subpleural lesion: an ellipse leaning on the pleura, made irregular."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.simulation.noise import periodic_curve

CONTOUR_SAMPLES = 720


@dataclass(frozen=True)
class LesionShape:
    """A star-shaped contour, cut off at the pleura.

    Attributes
    ----------
    x, y : float
        Centre of the ellipse in mm; y may lie above the pleura when the lesion is flat.
    half_width, half_height : float
        Semi-axes in mm.
    contour : ndarray of float64, shape (720,)
        Radius by angle, relative to the ellipse.
    pleura : tuple of float
        Depth, slope and curvature of the pleura: depth + slope x + curvature x^2.
    """

    x: float
    y: float
    half_width: float
    half_height: float
    contour: np.ndarray
    pleura: tuple[float, float, float]

    @property
    def radius(self) -> float:
        """Geometric mean of the semi-axes in mm."""
        return float(np.sqrt(self.half_width * self.half_height))

    @property
    def bottom(self) -> float:
        """Depth of the deepest point in mm (before irregularity)."""
        return self.y + self.half_height

    def pleura_at(self, x: np.ndarray) -> np.ndarray:
        """Return the depth of the pleura in mm at lateral positions ``x`` in mm."""
        depth, slope, curvature = self.pleura
        return depth + slope * x + curvature * x * x

    def depth_inside(
        self, x: np.ndarray, y: np.ndarray, displacement: np.ndarray | None = None
    ) -> np.ndarray:
        """Return how far points lie inside the contour, in mm; negative outside.

        Parameters
        ----------
        x, y : ndarray
            Positions in mm, of shapes that broadcast together.
        displacement : ndarray, shape (720,), optional
            Outward displacement of the contour by angle, in mm.

        Returns
        -------
        ndarray of float32
            Distance along the line to the centre; the pleura is not considered.
        """
        across = (x - self.x) / np.float32(self.half_width)
        down = (y - self.y) / np.float32(self.half_height)
        angle = np.arctan2(down, across)
        index = (angle * np.float32(CONTOUR_SAMPLES / (2 * np.pi))).astype(np.int32)
        radius = self._relative_radius(displacement)
        inside = radius.astype(np.float32)[index % CONTOUR_SAMPLES] - np.hypot(across, down)
        return inside * np.float32(self.radius)

    def contains(
        self, x: np.ndarray, y: np.ndarray, displacement: np.ndarray | None = None
    ) -> np.ndarray:
        """Return which points lie inside the contour: where ``depth_inside`` is positive.

        Parameters
        ----------
        x, y, displacement : ndarray
            As in :meth:`depth_inside`.

        Returns
        -------
        ndarray of bool
        """
        across = (x - self.x) / np.float32(self.half_width)
        down = (y - self.y) / np.float32(self.half_height)
        squared = across * across + down * down
        # The angle matters only between the circles round all and within all of the contour.
        radius = self._relative_radius(displacement)
        inside = squared < (0.999 * max(radius.min(), 0.0)) ** 2
        unsure = ~inside & (squared < (1.001 * max(radius.max(), 0.0)) ** 2)
        x, y = np.broadcast_arrays(x, y)
        inside[unsure] = self.depth_inside(x[unsure], y[unsure], displacement) > 0
        return inside

    def reach(self, displacement: np.ndarray | None = None) -> tuple[float, float]:
        """Return how far from its centre the contour extends at most, across and down, in mm."""
        radius = 1.001 * float(max(self._relative_radius(displacement).max(), 0.0))
        return radius * self.half_width, radius * self.half_height

    def _relative_radius(self, displacement: np.ndarray | None) -> np.ndarray:
        return self.contour if displacement is None else self.contour + displacement / self.radius


def lesion_shape(
    rng: np.random.Generator,
    traits: dict[str, float],
    pleura: tuple[float, float, float],
    x: float,
) -> LesionShape:
    """Make a lesion of the given size, angle to the chest wall and irregularity.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for what the traits leave open.
    traits : dict of str to float
        Latent traits; ``size_mm``, ``contact_angle_deg`` and ``irregularity`` are used.
    pleura : tuple of float
        Depth, slope and curvature of the pleura.
    x : float
        Lateral position in mm.

    Returns
    -------
    LesionShape
        Its widest visible extent along the pleura is about ``size_mm``. The angle is the
        one on the lung's side between contour and pleura: below 90 degrees (acute) the
        ellipse's centre lies under the pleura, above 90 (obtuse) over it.
    """
    angle = np.deg2rad(traits["contact_angle_deg"])
    visible = np.sin(angle) if angle > np.pi / 2 else 1.0
    half_width = traits["size_mm"] / 2 / visible
    aspect = rng.uniform(0.62, 0.95)
    half_height = traits["size_mm"] / 2 * aspect / (1.0 if angle <= np.pi / 2 else visible**0.5)
    depth, slope, curvature = pleura
    top = depth + slope * x + curvature * x * x
    contour = 1.0 + 0.05 * periodic_curve(rng, CONTOUR_SAMPLES, (2, 3), 0.5)
    contour += traits["irregularity"] * periodic_curve(rng, CONTOUR_SAMPLES, (4, 22), 0.6)
    return LesionShape(
        x=x,
        y=float(top + half_height * np.cos(angle)),
        half_width=float(half_width),
        half_height=float(half_height),
        contour=np.clip(contour, 0.45, 1.7),
        pleura=pleura,
    )
