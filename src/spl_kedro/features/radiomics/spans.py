"""Which stretches of a map's rows hold the outline: the box of a ring is mostly something else."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled


@compiled
def row_spans(places: np.ndarray, width: int, gap: int) -> np.ndarray:
    """Stretches of rows that hold some pixels, whose box may be far larger than they are.

    Parameters
    ----------
    places : ndarray of uint32, shape (n,)
        Pixels of a map, row by row.
    width : int
        Of the map.
    gap : int
        Pixels in between from which a new stretch begins.

    Returns
    -------
    ndarray of int64, shape (spans, 2)
        First pixel, and one past the last; none goes on in another row.
    """
    spans = np.empty((len(places), 2), np.int64)
    n, row_end = 0, np.int64(0)
    for k in range(len(places)):
        at = np.int64(places[k])
        if at >= row_end:
            row_end = (at // width + 1) * width
        elif at - spans[n - 1, 1] < gap:
            spans[n - 1, 1] = at + 1
            continue
        spans[n] = at, at + 1
        n += 1
    return spans[:n].copy()
