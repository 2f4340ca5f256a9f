"""Which images may be copies: those whose hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spl_kedro.imaging.duplicates.prints import BITS, LesionPrint

_AT_ONCE = 1_000_000  # hashes compared in one go, so that memory does not grow with the cohort


def candidates(
    prints: Sequence[LesionPrint], crop_distance: float, frame_distance: float
) -> np.ndarray:
    """Return the pairs of images that look alike, whole or around the lesion.

    Parameters
    ----------
    prints : sequence of LesionPrint
    crop_distance, frame_distance : float
        Largest share of bits in which the hashes may differ.

    Returns
    -------
    ndarray of int, shape (pairs, 2)
        Positions, the smaller first, in ascending order.
    """
    if len(prints) < 2:
        return np.empty((0, 2), dtype=np.int64)
    crops = np.stack([one.crop_hashes for one in prints])
    frames = np.stack([one.frame_hash for one in prints])
    found = [near_pairs(frames, frames, frame_distance)]
    found += [near_pairs(crops[:, size], crops[:, 0], crop_distance) for size in range(3)]
    return np.unique(np.concatenate(found), axis=0)


def near_pairs(hashes: np.ndarray, others: np.ndarray, most: float) -> np.ndarray:
    """Return the pairs of a hash and a later one of others that differ in few bits.

    Parameters
    ----------
    hashes, others : ndarray of uint64, shape (n, words)
    most : float
        Largest share of bits in which two may differ.

    Returns
    -------
    ndarray of int, shape (pairs, 2)
        Positions, the smaller first, in ascending order.

    Notes
    -----
    Every hash is compared with every later one, 64 bits at a time; a hash has 24 bytes. An index
    over parts of the hashes needs copies that differ in a few bits alone, and would miss most.
    """
    limit = int(most * BITS)
    pairs, start, count = [np.empty((0, 2), dtype=np.int64)], 0, len(hashes)
    while start < count - 1:
        end = min(count - 1, start + max(1, _AT_ONCE // count))
        own, later = hashes[start:end], others[start + 1 :]
        apart = np.zeros((len(own), len(later)), dtype=np.uint8)
        for word in range(hashes.shape[1]):
            apart += np.bitwise_count(own[:, word, None] ^ later[None, :, word])
        first, second = np.nonzero(np.triu(apart <= limit))
        pairs.append(np.column_stack([first + start, second + start + 1]))
        start = end
    return np.concatenate(pairs)


def bits_apart(one: LesionPrint, other: LesionPrint) -> float:
    """Return the share of bits in which two lesions' hashes differ, at the closest of the sizes."""
    apart = np.bitwise_count(one.crop_hashes ^ other.crop_hashes[0]).sum(axis=-1)
    return int(apart.min()) / BITS


def frame_bits_apart(prints: Sequence[LesionPrint], pairs: np.ndarray) -> np.ndarray:
    """Return the share of bits in which the hashes of whole images differ, shape (pairs,)."""
    if not len(pairs):
        return np.empty(0)
    hashes = np.stack([one.frame_hash for one in prints])
    apart = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]])
    return np.asarray(apart.sum(axis=1, dtype=np.int64) / BITS)
