"""Figures of time to event: risk groups with numbers at risk; C-indices, AUCs and calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_COLOURS,
    MODEL_LINES,
    MODEL_NAMES,
    VERMILION,
    coverage,
    figure_style,
    headline,
)
from spl_kedro.survival.groups import HIGH, LOW

_LOOKS = {LOW: (BLUE, (0, (5, 1.5))), HIGH: (VERMILION, "solid")}


def risk_group_figure(
    curves: pd.DataFrame,
    groups: pd.DataFrame,
    model: str,
    cohort_name: str,
    *,
    unit: str,
    event_name: str,
    simulated: bool,
) -> Figure:
    """Draw Kaplan and Meier's curves of both risk groups, with the numbers at risk below.

    Parameters
    ----------
    curves, groups : DataFrame
        From :func:`spl_kedro.survival.risk_group_curves`.
    model, cohort_name : str
    unit, event_name : str
        Of the time, and what the event is.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    own, told = (_of(table, model, cohort_name) for table in (curves, groups))
    told = told.set_index("group")
    with figure_style():
        figure = Figure(figsize=(6.4, 4.9))
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1))
        for name in told.index:
            colour, line = _LOOKS[name]
            curve = own[own["group"] == name]
            above.fill_between(
                curve["time"], curve["low"], curve["high"], step="post", color=colour, alpha=0.16,
                linewidth=0,
            )  # fmt: skip
            row = told.loc[name]
            size = f"{_counted(row['n'], 'patient')}, {_counted(row['events'], 'event')}"
            above.plot(
                curve["time"], curve["survival"], drawstyle="steps-post", color=colour,
                linestyle=line, label=f"{name}: {size}",
            )  # fmt: skip
        above.set(ylim=(-0.02, 1.02), ylabel=f"Share without {event_name}")
        above.tick_params(labelbottom=True)
        above.legend(loc="lower left", fontsize=8)
        ticks = [tick for tick in above.get_xticks() if 0 <= tick <= own["time"].max()]
        _numbers_at_risk(below, own, list(told.index), ticks)
        below.set_xlabel(f"Time ({unit})")
        p = float(told["p_log_rank"].iloc[0])
        tested = "" if np.isnan(p) else f"; log-rank p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
        headline(
            figure,
            f"Risk groups, {MODEL_NAMES[model]}",
            f"{cohort_name.capitalize()} cohort, divided at the training median{tested}; "
            f"{coverage(own)} bands",
            simulated=simulated,
        )
    return figure


def survival_figure(
    performance: pd.DataFrame,
    calibration: pd.DataFrame,
    model: str,
    cohort_name: str,
    *,
    unit: str,
    simulated: bool,
) -> Figure:
    """Draw C-indices of all models, their AUC over time, and one model's calibration.

    Parameters
    ----------
    performance : DataFrame
        From :func:`spl_kedro.survival.survival_tables`.
    calibration : DataFrame
        From :func:`spl_kedro.survival.calibration_by_group`.
    model : str
        Whose calibration is drawn.
    cohort_name : str
    unit : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    own = performance[performance["cohort"] == cohort_name]
    first = own.iloc[0]
    with figure_style():
        figure = Figure(figsize=(10.4, 4.3))
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.05, 1, 1))
        _draw_concordance(left, own)
        _draw_areas(middle, own, unit)
        _draw_calibration(right, _of(calibration, model, cohort_name), model, unit)
        headline(
            figure,
            "Time to event",
            f"{cohort_name.capitalize()} cohort, {_counted(first['n'], 'patient')}, "
            f"{_counted(first['events'], 'event')}; "
            f"{coverage(own)} intervals",
            simulated=simulated,
        )
    return figure


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _of(table: pd.DataFrame, model: str, cohort_name: str) -> pd.DataFrame:
    return table[(table["model"] == model) & (table["cohort"] == cohort_name)]


def _numbers_at_risk(
    axes: Axes, curves: pd.DataFrame, names: list[str], ticks: list[float]
) -> None:
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title("Patients at risk", fontsize=8.5)
    for height, name in enumerate(names):
        curve = curves[curves["group"] == name]
        steps, at_risk = curve["time"].to_numpy(), curve["at_risk"].to_numpy()
        for tick in ticks:
            place = int(np.searchsorted(steps, tick, side="left"))
            number = int(at_risk[place]) if place < len(steps) else 0
            axes.text(
                tick, height, str(number), ha="center", va="center", fontsize=8,
                color=_LOOKS[name][0],
            )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.set_xticks(ticks)


def _draw_concordance(axes: Axes, performance: pd.DataFrame) -> None:
    models = list(dict.fromkeys(performance["model"]))
    for metric, shift, sign in (("c_harrell", -0.14, "o"), ("c_uno", 0.14, "D")):
        rows = performance[performance["metric"] == metric].set_index("model")
        for height, model in enumerate(models):
            row, place = rows.loc[model], height + shift
            axes.plot([row["low"], row["high"]], [place] * 2, color=MODEL_COLOURS[model])
            axes.plot(row["value"], place, sign, color=MODEL_COLOURS[model], markersize=5)
    axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    axes.set_yticks(range(len(models)), [MODEL_NAMES[model] for model in models])
    axes.set(ylim=(len(models) - 0.5, -0.5), title="C-index", xlabel="● Harrell   ◆ Uno")


def _draw_areas(axes: Axes, performance: pd.DataFrame, unit: str) -> None:
    rows = performance[performance["metric"] == "auc"]
    models = list(dict.fromkeys(rows["model"]))
    times = np.sort(rows["time"].unique())
    step = 0.035 * (np.ptp(times) or 1.0)
    for position, model in enumerate(models):
        own = rows[rows["model"] == model].sort_values("time")
        # Beside each other, so that no interval hides another.
        x = own["time"] + (position - (len(models) - 1) / 2) * step
        errors = [own["value"] - own["low"], own["high"] - own["value"]]
        axes.errorbar(x, own["value"], yerr=errors, fmt="none", ecolor=MODEL_COLOURS[model],
                      elinewidth=1, alpha=0.8)  # fmt: skip
        axes.plot(
            x, own["value"], marker="o", markersize=3.5, color=MODEL_COLOURS[model],
            linestyle=MODEL_LINES.get(model, "solid"), label=MODEL_NAMES[model],
        )  # fmt: skip
    axes.axhline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    axes.set_xticks(times, [f"{time:g}" for time in times])
    axes.set(title="AUC at a time", xlabel=f"Time ({unit})")
    axes.legend(loc="lower left", fontsize=7.5, ncols=2, handlelength=2.2)
    # Estimates without an interval count too.
    low = min(0.4, float(np.nanmin(rows[["value", "low"]].to_numpy())))
    axes.set_ylim(low - 0.22 * (1 - low), 1.01)  # room for the legend, which has no ticks
    axes.set_yticks([tick for tick in axes.get_yticks() if low - 0.05 <= tick <= 1])


def _draw_calibration(axes: Axes, groups: pd.DataFrame, model: str, unit: str) -> None:
    top = min(1.0, 1.08 * float(np.nanmax([groups["foretold"].max(), groups["high"].max()])))
    axes.plot([0, top], [0, top], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    errors = [
        (groups["observed"] - groups["low"]).clip(lower=0),
        (groups["high"] - groups["observed"]).clip(lower=0),
    ]
    axes.errorbar(
        groups["foretold"], groups["observed"], yerr=errors, fmt="o", markersize=5,
        color=MODEL_COLOURS[model], elinewidth=1,
    )  # fmt: skip
    when = groups["time"].iloc[0]
    axes.set(
        xlim=(-0.02 * top, top), ylim=(-0.02 * top, top), aspect="equal",
        title=f"Calibration, {MODEL_NAMES[model]}",
        xlabel=f"Predicted risk by {when:g} {unit}", ylabel="Observed (Kaplan–Meier)",
    )  # fmt: skip
