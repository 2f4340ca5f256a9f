"""The figure: histogram, spectrum, speckle and radiomics of simulated and of real images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREEN,
    GREY,
    VERMILION,
    figure_style,
    headline,
    percent,
)
from spl_kedro.sceptic.realism.comparisons import TITLES
from spl_kedro.sceptic.realism.measures import BREAST, LUNG, SIMULATED
from spl_kedro.sceptic.realism.tables import SPECKLE

_COLOURS = {SIMULATED: VERMILION, LUNG: BLUE, BREAST: GREEN}
_LINES = {SIMULATED: "solid", LUNG: (0, (6, 1.5)), BREAST: (0, (1.5, 1.2))}
_MARKS = {SIMULATED: "o", LUNG: "s", BREAST: "D"}
#: Grey levels drawn as one, so that the curves can be told apart.
_LEVELS = 4
#: Whose distances are written into a panel, and under which name.
_NOTED = {"lung": "from real lung", "breast": "from BrEaST", "breast_halves": "BrEaST, halves"}
_TITLES = TITLES | {
    "breast_few": "as few of BrEaST as of lung,\nand the other BrEaST images",
    "breast_sizes": "BrEaST of the commonest size,\nand of the others",
}


def realism_figure(distances: pd.DataFrame, profiles: pd.DataFrame) -> Figure:
    """Draw how far simulated images are from real ones.

    Parameters
    ----------
    distances : DataFrame
        From :func:`spl_kedro.sceptic.realism.tables.distance_table`.
    profiles : DataFrame
        From :func:`spl_kedro.sceptic.realism.profiles.profile_table`.

    Returns
    -------
    Figure
        Four panels; marked as simulated.
    """
    field = distances[distances["region"] == "field"]
    coverage = percent(float(distances["confidence"].iloc[0]))
    counts = profiles.drop_duplicates("set").set_index("set")["images"]
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    with figure_style():
        figure = Figure(figsize=(10.2, 7.8))
        grey, spectrum, speckle, radiomics = figure.subplots(
            2, 2, gridspec_kw={"height_ratios": [1, 1.08]}
        ).ravel()
        headline(
            figure,
            "How far simulated images are from real ones",
            f"Images: {words}. The middle of what was scanned, at one depth of 256 pixels; "
            f"{coverage} intervals over images",
            simulated=True,
        )
        _curves(grey, profiles, "grey")
        grey.set(xlabel="Grey level", ylabel="Share of pixels, %", xlim=(0, 255), ylim=(0, None))
        grey.set_title("Grey levels")
        grey.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        _note(grey, field, "grey_histogram", "levels", (1.03, 0.7))
        _curves(spectrum, profiles, "spectrum")
        spectrum.set(
            xlabel="Cycles in the scanned depth", ylabel="Share of the power, dB", xscale="log"
        )
        ticks = [4, 8, 16, 32, 64, 124]
        spectrum.set_xticks(ticks, [str(tick) for tick in ticks])
        spectrum.minorticks_off()
        spectrum.set_title("Spectrum")
        _note(spectrum, field, "spectrum", "dB", (0.03, 0.47))
        _speckle(speckle, profiles, field)
        _radiomics(radiomics, field)
    return figure


def _note(
    axes: Axes,
    field: pd.DataFrame,
    measure: str,
    unit: str,
    place: tuple[float, float],
) -> None:
    """Write a measure's distances of the simulated images, and those of real ones for scale."""
    rows = _records(field[field["measure"] == measure], "comparison")
    lines = [
        f"{words}:\n{_with_interval(rows[key])} {unit}"
        for key, words in _NOTED.items()
        if key in rows
    ]
    axes.text(
        *place, "\n".join(["Distance", *lines]), transform=axes.transAxes, va="top",
        fontsize=8, linespacing=1.4,
    )  # fmt: skip


def _records(rows: pd.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Return the rows by key, or by tuple of several keys."""
    found: Any = rows.set_index(list(keys) if len(keys) > 1 else keys[0]).to_dict("index")
    return found


def _with_interval(row: Mapping[str, Any]) -> str:
    digits = 0 if row["high"] >= 10 else 1
    value, low, high = (f"{row[name]:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _curves(axes: Axes, profiles: pd.DataFrame, profile: str) -> None:
    for name, rows in profiles[profiles["profile"] == profile].groupby("set", sort=False):
        position, value, low, high = (
            rows[column].to_numpy() for column in ("position", "value", "low", "high")
        )
        if profile == "grey":
            position = position.reshape(-1, _LEVELS).mean(axis=1)
            value, low, high = (
                100 * part.reshape(-1, _LEVELS).mean(axis=1) for part in (value, low, high)
            )
        axes.fill_between(position, low, high, color=_COLOURS[str(name)], alpha=0.15, linewidth=0)
        axes.plot(
            position, value, color=_COLOURS[str(name)], linestyle=_LINES[str(name)], label=name
        )


def _speckle(axes: Axes, profiles: pd.DataFrame, field: pd.DataFrame) -> None:
    """Draw each measure's median and quartiles over images, relative to the simulated median."""
    rows = _records(profiles[profiles["profile"].isin(SPECKLE)], "set", "profile")
    apart = _records(field, "comparison", "measure")
    sets = [name for name in _COLOURS if name in set(profiles["set"])]
    ends = [0.5, 2.0]
    for place, measure in enumerate(SPECKLE):
        for offset, name in zip((-0.22, 0, 0.22), sets, strict=False):
            scale = rows[SIMULATED, measure]["value"]
            ratio = {end: rows[name, measure][end] / scale for end in ("value", "low", "high")}
            ends += [0.9 * ratio["low"], 1.1 * ratio["high"]]
            axes.plot(
                [ratio["low"], ratio["high"]], [place + offset] * 2,
                color=_COLOURS[name], linewidth=3,
            )  # fmt: skip
            axes.plot(
                ratio["value"], place + offset, _MARKS[name],
                color=_COLOURS[name], markeredgecolor="white",
            )  # fmt: skip
            key = ({LUNG: "lung", BREAST: "breast"}.get(name), measure)
            if key in apart:
                _beside(axes, place + offset, _with_interval(apart[key]), _COLOURS[name])
    _beside(axes, -0.75, "Distance, %", "black", fontweight="bold")
    axes.axvline(1, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.set_yticks(range(len(SPECKLE)), [_wrapped(words) for words in SPECKLE.values()])
    axes.set_ylim(len(SPECKLE) - 0.5, -0.5)
    axes.set_xscale("log")
    ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(min(ends), max(ends))
    axes.set_xlabel("Ratio to the simulated median (median, quartiles)")
    axes.set_title("Speckle")


def _radiomics(axes: Axes, field: pd.DataFrame) -> None:
    rows = _records(field[field["measure"] == "radiomics_energy"], "comparison")
    auc = _records(field[field["measure"] == "radiomics_auc"], "comparison")
    keys = [key for key in TITLES if key in rows]
    for place, key in enumerate(keys):
        row = rows[key]
        colour = GREY if row["reference"] else VERMILION
        axes.plot([row["low"], row["high"]], [place] * 2, color=colour)
        axes.plot(row["value"], place, "o", color=colour, markeredgecolor="white")
        _beside(axes, place, f"{auc[key]['value']:.2f}", colour)
    _beside(axes, -0.75, "AUC", "black", fontweight="bold")
    axes.set_yticks(range(len(keys)), [_TITLES[key] for key in keys])
    axes.set_ylim(len(keys) - 0.5, -0.5)
    axes.set_xlim(0, max(0.4, 1.05 * max(row["high"] for row in rows.values())))
    axes.set_xlabel("Energy distance, as a share of the largest")
    axes.set_title("Radiomics (grey: both real)")


def _beside(axes: Axes, place: float, words: str, colour: str, **style: Any) -> None:
    """Write right of the axes, at the height of a row."""
    axes.text(
        1.03, place, words, transform=axes.get_yaxis_transform(), va="center", fontsize=8,
        color=colour, **style,
    )  # fmt: skip


def _wrapped(words: str) -> str:
    """Break a name of a measure in two lines."""
    for end in (" size ", " over SD "):
        if end in words:
            first, second = words.split(end)
            return f"{first}{end.rstrip()}\n{second}"
    return words.replace(" ", "\n")
