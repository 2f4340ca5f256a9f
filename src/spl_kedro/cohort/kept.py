"""Lesions in memory between their check and their storing, so that a file is decoded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from spl_kedro.imaging import Lesion

#: Bytes of lesions that are kept; the files of further ones are read again when they are stored.
MOST = 256 * 2**20


class CompactLesion(NamedTuple):
    """A lesion in few bytes, equal to the one it was made of.

    Attributes
    ----------
    image : ndarray, shape (height, width)
        Grey values: uint8 where all are whole numbers, else float64.
    outline : ndarray of uint8
        The mask, eight pixels a byte.
    spacing_mm : tuple of float or None
    """

    image: np.ndarray
    outline: np.ndarray
    spacing_mm: tuple[float, float] | None

    @classmethod
    def of(cls, lesion: Lesion) -> CompactLesion:
        """Return a lesion in its compact form."""
        image = lesion.image.astype(np.uint8)
        if not np.array_equal(image, lesion.image):
            image = lesion.image
        return cls(image, np.packbits(lesion.mask), lesion.spacing_mm)

    def lesion(self, lesion_id: str) -> Lesion:
        """Return the lesion."""
        shape = self.image.shape
        mask = np.unpackbits(self.outline, count=self.image.size).reshape(shape).astype(bool)
        return Lesion(lesion_id, self.image.astype(np.float64), mask, self.spacing_mm)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.image.nbytes + self.outline.nbytes


@dataclass
class KeptLesions:
    """Checked lesions that wait to be stored, as many as fit.

    Attributes
    ----------
    most : int
        Bytes.
    """

    most: int = MOST
    _lesions: dict[str, CompactLesion] = field(default_factory=dict)
    _bytes: int = 0

    def keep(self, lesion_id: str, lesion: CompactLesion) -> None:
        """Keep a lesion if there is room for it."""
        if self._bytes + lesion.nbytes <= self.most:
            self._lesions[lesion_id] = lesion
            self._bytes += lesion.nbytes

    def reader(self, lesion_id: str, read: Callable[[], Lesion]) -> Callable[[], Lesion]:
        """Return a function that hands a lesion out, once from memory, else from its files.

        Parameters
        ----------
        lesion_id : str
        read : function
            Reads the lesion's files.
        """

        def hand_out() -> Lesion:
            kept = self._lesions.pop(lesion_id, None)
            return read() if kept is None else kept.lesion(lesion_id)

        return hand_out
