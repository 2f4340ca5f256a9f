"""Masks by the lengths of their runs, as COCO stores them, plain or packed into letters.

Unpacked here and not by pycocotools: of lengths that end before the mask does, its version 2.0.11
gives what happens to stand in the memory. The tests compare with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule


@dataclass(frozen=True)
class RunLengths:
    """A mask by the lengths of its runs, down its columns, outside and inside in turn.

    Attributes
    ----------
    counts : str or tuple of int
    size : tuple of int
        Height and width.
    """

    counts: str | tuple[int, ...]
    size: tuple[int, int]

    @property
    def ends(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y of the whole mask."""
        return 0.0, 0.0, float(self.size[1]), float(self.size[0])

    def on(self, size: tuple[int, int]) -> np.ndarray:
        """Return the mask, which must have this size (height, width).

        Raises
        ------
        UnusableLesionError
            If it has another.
        ValueError
            If the runs do not fill it.
        """
        if self.size != size:
            raise UnusableLesionError(
                Rule.SAME_SIZE,
                f"the outline is {self.size} and the image {size} (height, width).",
            )
        counts = _unpacked(self.counts) if isinstance(self.counts, str) else list(self.counts)
        height, width = size
        if min(counts, default=0) < 0 or sum(counts) != height * width:
            raise ValueError("the runs do not fill the mask")
        inside = np.arange(len(counts)) % 2 == 1
        mask: np.ndarray = np.repeat(inside, counts).reshape(width, height).T
        return mask


def _unpacked(text: str) -> list[int]:
    """Return the lengths of packed runs, as rleFrString of COCO's maskApi.c.

    Five bits a letter, the lowest first, a sixth for more of the same number; from the fourth
    number on differences to the last but one.
    """
    counts: list[int] = []
    number = shift = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64:
            raise ValueError("a letter that packs no run")
        number |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            number -= 1 << shift
        counts.append(number + counts[-2] if len(counts) > 2 else number)
        number = shift = 0
    if shift:
        raise ValueError("runs that end within a number")
    return counts
