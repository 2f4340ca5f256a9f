"""The nomogram as tables: points of every tick, and the probability that a sum of points means.

A variable's summand in log-odds, counted from its lowest, becomes points: 100 for the widest axis.
Points and log-odds are proportional, so that the sum of the points gives the model's probability
exactly (Iasonos et al., J Clin Oncol 2008;26:1364).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from spl_kedro.explainability.axes import axis_step

#: The model drawn.
NOMOGRAM_MODEL = "cdlr"
WIDEST = 100.0
# Ticks of an axis lie as far apart as their words are wide, in points.
_APART = 6.0
_SCORES = (
    0.001,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    0.95,
    0.98,
    0.99,
    0.999,
)
_PROBABILITIES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
NOT_KNOWN = "not known"


def has_nomogram(models: pd.DataFrame) -> bool:
    """Return whether `NOMOGRAM_MODEL` adds up clinical variables; see `additive_models`."""
    row: Any = models.set_index("model").loc[NOMOGRAM_MODEL]
    return bool(row["additive"]) and row["variables"] > 0


def nomogram(models: pd.DataFrame, terms: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nomogram of CDLR as two tables.

    Parameters
    ----------
    models : DataFrame
        From :func:`spl_kedro.explainability.additive.additive_models`.
    terms : DataFrame
        From :func:`spl_kedro.explainability.additive.additive_terms`.

    Returns
    -------
    points : DataFrame
        A row for each tick: variable, kind (``score``, ``number``, ``category`` or ``missing``),
        tick (its words), value (the number; of a score the probability; NaN of a category) and
        points (0 to 100). Numbers run from their 1st to their 99th percentile in training.
    scale : DataFrame
        total_points, log_odds, probability, kind: ``end`` of the attainable range, ``tick``, or
        ``threshold`` (the operating threshold). Log-odds are linear in points.
        Both are empty where the model has no nomogram (`has_nomogram`).
    """
    columns = {
        "variable": "str",
        "kind": "str",
        "tick": "str",
        "value": "float64",
        "points": "float64",
    }
    of_scale = {"total_points": "float64", "log_odds": "float64", "kind": "str"}
    if not has_nomogram(models):
        of_scale["probability"] = "float64"
        return _empty(columns), _empty(of_scale)
    own = terms[terms["model"] == NOMOGRAM_MODEL]
    intercept = float(own.loc[own["kind"] == "intercept", "log_odds"].iloc[0])
    axes = {
        str(name): part for name, part in own[own["variable"] != ""].groupby("variable", sort=False)
    }
    reach = {name: _reach(part) for name, part in axes.items()}
    unit = max(high - low for low, high in reach.values()) / WIDEST
    rows = [
        (name, kind, tick, value, (log_odds - reach[name][0]) / unit)
        for name, part in axes.items()
        for kind, tick, value, log_odds in _ticks(part, unit)
    ]
    lowest = intercept + sum(low for low, _ in reach.values())
    highest = intercept + sum(high for _, high in reach.values())
    row = models.set_index("model").loc[NOMOGRAM_MODEL]
    marks = [("end", lowest), ("end", highest)]
    marks += [("tick", float(logit(p))) for p in _PROBABILITIES]
    if 0 < row["threshold"] < 1:
        marks.append(("threshold", float(logit(row["threshold"]))))
    inside = [((x - lowest) / unit, x, kind) for kind, x in marks if lowest <= x <= highest]
    scale = pd.DataFrame(inside, columns=list(of_scale)).astype(of_scale)
    scale.insert(2, "probability", expit(scale["log_odds"]))
    return (
        pd.DataFrame(rows, columns=list(columns)).astype(columns),
        scale.sort_values(["total_points", "kind"], ignore_index=True),
    )


def _empty(columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns)).astype(columns)


def probability_at(scale: pd.DataFrame, total_points: np.ndarray) -> np.ndarray:
    """Read the probability at some sums of points off the scale, between its two ends.

    Parameters
    ----------
    scale : DataFrame
        From `nomogram`.
    total_points : ndarray

    Returns
    -------
    ndarray
        Probability of malignancy, 0 to 1.

    Examples
    --------
    >>> ends = pd.DataFrame({"total_points": [0.0, 10.0], "log_odds": [0.0, 2.0], "kind": "end"})
    >>> probability_at(ends, np.array([0.0, 5.0, 10.0])).round(2)
    array([0.5 , 0.73, 0.88])
    """
    ends = scale[scale["kind"] == "end"]
    return expit(np.interp(total_points, ends["total_points"], ends["log_odds"]))


def _reach(part: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the most that a variable adds, in log-odds."""
    found = [log_odds for *_, log_odds in _ends(part)]
    return min(found), max(found)


def _ends(part: pd.DataFrame) -> Iterator[tuple[str, str, float, float]]:
    """Yield kind, words, value and log-odds of an axis' ends, categories and unknown."""
    row: Any
    for row in part.itertuples():
        if row.kind == "number":
            for value in dict.fromkeys((row.low, row.high)):
                yield "number", _written(value), value, row.log_odds * value
        elif row.kind == "score":
            for value in (row.low, row.high):
                yield "score", _written(value), value, row.log_odds * float(logit(value))
        else:
            tick = NOT_KNOWN if row.kind == "missing" else row.category
            yield row.kind, tick, row.value if row.kind == "missing" else np.nan, row.log_odds


def _ticks(part: pd.DataFrame, unit: float) -> list[tuple[str, str, float, float]]:
    """Return the ends with what fits between them, in order of log-odds within a kind."""
    ticks = list(_ends(part))
    first = part.iloc[0]
    if first["kind"] not in ("number", "score"):
        return ticks
    kind, weight = str(first["kind"]), float(first["log_odds"])
    axis = [tick for tick in ticks if tick[0] == kind]
    rest = ticks[len(axis) :]
    low, high = axis[0][2], axis[-1][2]
    if kind == "score":
        between = [(p, weight * float(logit(p))) for p in _SCORES if low < p < high]
    elif weight == 0 or low == high:
        between = []
    else:
        step = axis_step(high - low, 0.5 * _APART * unit / abs(weight))
        numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
        between = [(n * step, weight * n * step) for n in numbers]
    for value, log_odds in between:
        if all(abs(log_odds - other) >= _APART * unit for *_, other in axis):
            axis.append((kind, _written(value), value, log_odds))
    return [*sorted(axis, key=lambda tick: tick[2]), *rest]


def _written(value: float) -> str:
    return f"{value:.10g}".replace("-", "−")
