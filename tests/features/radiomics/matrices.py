"""The engine's texture matrices as ordinary arrays."""

import numpy as np

from spl_kedro.features.radiomics.texture_matrices import (
    allocate_counts,
    count_neighbourhoods,
    longest_run,
)


def flat_map(levels):
    """Return a map of levels, the outline's pixels on it, and its size."""
    padded = np.pad(levels, 1).astype(np.int32)
    return padded.ravel(), np.flatnonzero(padded).astype(np.uint32), padded.shape


def count_matrices(ranks, levels, n_levels):
    """Return GLCM, GLRLM, GLDM and NGTDM, without rank 0 and runs of length 0."""
    flat, places, (height, width) = flat_map(ranks)
    counts = allocate_counts(places, height, width, n_levels)
    count_neighbourhoods(flat, flat_map(levels)[0], places, width, n_levels, counts)
    size = n_levels + 1
    pairs = counts.glcm.reshape(size, size, 4)[1:, 1:].transpose(2, 0, 1).astype(np.int64)
    runs = counts.glrlm.reshape(size, longest_run(height, width), 4)[1:, 1:].transpose(2, 0, 1)
    gldm, ngtdm = counts.gldm.reshape(size, 9)[1:], counts.ngtdm[1:]
    return pairs + pairs.transpose(0, 2, 1), runs, gldm, ngtdm
