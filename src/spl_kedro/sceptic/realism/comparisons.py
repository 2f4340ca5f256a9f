"""Which sets are compared with which, and the references that say what a distance means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import generator
from spl_kedro.sceptic.realism.measures import BREAST, LUNG, SIMULATED
from spl_kedro.sceptic.realism.settings import RealismSettings

#: By key, what a comparison is called; those of simulated images first.
TITLES = {
    "lung": "simulated and real lung",
    "breast": "simulated and BrEaST",
    "organs": "real lung and BrEaST",
    "lung_halves": "halves of real lung",
    "breast_halves": "halves of BrEaST",
    "breast_few": "as few BrEaST images as lung images, and the others",
    "breast_sizes": "BrEaST images of the commonest size, and the others",
}
#: References: real images against real ones.
REFERENCES = tuple(TITLES)[2:]


@dataclass(frozen=True)
class Comparison:
    """Two sets of images, or one set split in two many times.

    Attributes
    ----------
    key : str
        Of `TITLES`.
    pairs : tuple of pair of ndarray of int
        Rows of the table of measures in the first and in the second set; several pairs are random
        splits, whose distances are averaged.
    """

    key: str
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...]

    @property
    def is_split(self) -> bool:
        """Whether one set was split, many times."""
        return len(self.pairs) > 1


def comparisons(table: pd.DataFrame, settings: RealismSettings) -> list[Comparison]:
    """Return the comparisons that the sets at hand allow, in the order of `TITLES`.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.realism.measures.measure_images`.
    settings : RealismSettings
    """
    rows = {name: np.flatnonzero(table["set"] == name) for name in (SIMULATED, LUNG, BREAST)}
    found = []
    for key, first, second in (
        ("lung", SIMULATED, LUNG),
        ("breast", SIMULATED, BREAST),
        ("organs", LUNG, BREAST),
    ):
        if len(rows[first]) > 1 and len(rows[second]) > 1:
            found.append(Comparison(key, ((rows[first], rows[second]),)))
    for key, name in (("lung_halves", LUNG), ("breast_halves", BREAST)):
        if len(rows[name]) > 3:
            half = len(rows[name]) // 2
            found.append(Comparison(key, tuple(_splits(rows[name], half, key, settings))))
    few = len(rows[LUNG])
    if few > 1 and len(rows[BREAST]) > 2 * few:
        splits = tuple(_splits(rows[BREAST], few, "breast_few", settings))
        found.append(Comparison("breast_few", splits))
    sizes = table.loc[rows[BREAST], ["height", "width"]].astype(int).apply(tuple, axis=1)
    if len(sizes):
        common = (sizes == sizes.value_counts().index[0]).to_numpy()
        if 1 < common.sum() < len(common) - 1:
            pair = (rows[BREAST][common], rows[BREAST][~common])
            found.append(Comparison("breast_sizes", (pair,)))
    return found


def _splits(
    rows: np.ndarray, size: int, key: str, settings: RealismSettings
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = generator(settings.seed, "realism", key)
    for _ in range(settings.n_splits):
        order = rng.permutation(rows)
        yield np.sort(order[:size]), np.sort(order[size:])
