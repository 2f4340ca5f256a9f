"""What each set of images looks like on average, for the figure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.normal import two_sided_z
from spl_kedro.sceptic.realism.measures import BREAST, GREY, LUNG, SIMULATED, SPECTRUM
from spl_kedro.sceptic.realism.spectrum import FREQUENCIES
from spl_kedro.sceptic.realism.tables import SPECKLE

COLUMNS = ["set", "images", "profile", "position", "value", "low", "high"]


def profile_table(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the sets' mean histogram and spectrum, and quartiles of their speckle measures.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.realism.measures.measure_images`.
    confidence : float in (0.5, 1)

    Returns
    -------
    DataFrame
        `COLUMNS`. Profiles ``grey`` (share of pixels by level) and ``spectrum`` (dB by cycles in
        the scanned depth): mean over images, plus and minus z standard errors. A speckle measure:
        median and quartiles over images, position 0.
    """
    z = two_sided_z(confidence)
    parts = []
    for name in (SIMULATED, LUNG, BREAST):
        own = table[table["set"] == name]
        if own.empty:
            continue
        for profile, columns, positions in (
            ("grey", GREY, range(256)),
            ("spectrum", SPECTRUM, FREQUENCIES),
        ):
            values = own[list(columns)].to_numpy()
            mean = values.mean(axis=0)
            error = z * values.std(axis=0, ddof=min(1, len(own) - 1)) / np.sqrt(len(own))
            parts.append(_part(name, own, profile, positions, mean, mean - error, mean + error))
        for measure in SPECKLE:
            low, middle, high = np.nanquantile(own[measure], [0.25, 0.5, 0.75])
            parts.append(_part(name, own, measure, [0], [middle], [low], [high]))
    return pd.concat(parts, ignore_index=True)


def _part(
    name: str,
    own: pd.DataFrame,
    profile: str,
    positions: object,
    value: object,
    low: object,
    high: object,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "set": name,
            "images": len(own),
            "profile": profile,
            "position": np.asarray(positions, dtype=float),
            "value": value,
            "low": low,
            "high": high,
        }
    )[COLUMNS]
