"""Shapes drawn on an image, and the pixels within them.

Coordinates run from the image's upper left corner, which is (0, 0), to its lower right one, which
is (width, height), so that the centre of the first pixel is (0.5, 0.5), as LabelMe, COCO and VIA
have them. A pixel belongs to a polygon where its centre lies within it by the even-odd rule, or on
its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spl_kedro.guarded import Limits, within
from spl_kedro.guarded.limits import DEFAULT
from spl_kedro.imaging.annotations.run_lengths import RunLengths
from spl_kedro.imaging.decoding import decoded
from spl_kedro.imaging.errors import UnusableLesionError, as_unusable_lesion
from spl_kedro.imaging.outline import ImagePlace
from spl_kedro.rules import Rule

Size = tuple[int, int]

#: Pixels by which a shape may lie beyond the image: programs round, and let lines begin outside.
_BEYOND = 1.0


@dataclass(frozen=True)
class Polygon:
    """A polygon by its corners (x, y), at least three; its last is joined to its first."""

    points: tuple[tuple[float, float], ...]

    @property
    def ends(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y."""
        x, y = np.asarray(self.points).T
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def on(self, size: Size) -> np.ndarray:
        """Return the mask on an image of `size` (height, width)."""
        from skimage.draw import polygon

        mask = np.zeros(size, dtype=bool)
        x, y = np.asarray(self.points).T - 0.5
        mask[polygon(y, x, size)] = True
        return mask


@dataclass(frozen=True)
class Ellipse:
    """An ellipse: centre, half axes, and the angle in radians from x towards y."""

    x: float
    y: float
    half_x: float
    half_y: float
    angle: float = 0.0

    @property
    def ends(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y."""
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        across = float(np.hypot(self.half_x * cosine, self.half_y * sine))
        down = float(np.hypot(self.half_x * sine, self.half_y * cosine))
        return self.x - across, self.y - down, self.x + across, self.y + down

    def on(self, size: Size) -> np.ndarray:
        """Return the mask on an image of `size` (height, width)."""
        from skimage.draw import ellipse

        mask = np.zeros(size, dtype=bool)
        # Counted against the clock there, whose angles are taken between -pi and pi.
        turn = -np.angle(np.exp(1j * self.angle))
        centre = self.y - 0.5, self.x - 0.5
        mask[ellipse(*centre, self.half_y, self.half_x, size, rotation=turn)] = True
        return mask


Shape = Polygon | Ellipse | RunLengths


def rectangle(x: float, y: float, width: float, height: float) -> Polygon:
    """Return the rectangle with a corner at (x, y)."""
    right, below = x + width, y + height
    return Polygon(((x, y), (right, y), (right, below), (x, below)))


def mask_of(shapes: Sequence[Shape], size: Size) -> np.ndarray:
    """Return the union of shapes on an image of `size` (height, width)."""
    mask = np.zeros(size, dtype=bool)
    for shape in shapes:
        mask |= shape.on(size)
    return mask


@dataclass(frozen=True)
class DrawnOutline:
    """One outline as shapes on its image.

    Attributes
    ----------
    name : str
        Its file.
    shapes : tuple of Shape
        Their union is the lesion.
    size : tuple of int or None
        Height and width of the image it was drawn on, where the file states them.
    sha256 : str
        Checksum of the file.
    limits : Limits
        Of drawing it.
    """

    name: str
    shapes: tuple[Shape, ...]
    size: Size | None = None
    sha256: str = ""
    limits: Limits = DEFAULT

    @property
    def mask(self) -> np.ndarray:
        """The mask on the image it was drawn on, or as large as the shapes where that is unknown.

        For a look at it.
        """
        right, below = (max(shape.ends[k] for shape in self.shapes) for k in (2, 3))
        return self._drawn(self.size or (int(np.ceil(below)) + 1, int(np.ceil(right)) + 1))

    def on(self, image: ImagePlace) -> np.ndarray:
        """Return the mask on its image.

        Raises
        ------
        UnusableLesionError
            If it was drawn on an image of another size, or reaches out of it.
        """
        height, width = image.shape
        if self.size is not None and self.size != image.shape:
            raise UnusableLesionError(
                Rule.SAME_SIZE,
                f"{self.name} outlines an image of {self.size}, and the lesion's is {image.shape} "
                "(height, width).",
            )
        for shape in self.shapes:
            left, top, right, below = shape.ends
            if min(left, top) < -_BEYOND or right > width + _BEYOND or below > height + _BEYOND:
                raise UnusableLesionError(
                    Rule.INSIDE,
                    f"a shape of {self.name} reaches out of the image of {height} x {width} "
                    "pixels (height, width).",
                )
        return self._drawn(image.shape)

    def _drawn(self, size: Size) -> np.ndarray:
        with within(self.limits):
            return decoded(self.name, _drawn, self.name, self.shapes, size)


def _drawn(name: str, shapes: Sequence[Shape], size: Size) -> np.ndarray:
    try:
        return mask_of(shapes, size)
    except MemoryError:
        raise
    except Exception as error:
        raise as_unusable_lesion(error, name) from error
