"""The audit's figure: the AUC of every shuffle, by model and protocol."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.evaluation.figures.style import (
    GREY,
    MODEL_NAMES,
    PROTOCOL_NAMES,
    VERMILION,
    figure_style,
    headline,
)
from spl_kedro.schemas import MODELS, PROTOCOLS

BLUE = "#0072B2"
PANELS = {"training": "Training", "validation": "Validation"}


def audit_figure(audit: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the AUC of every shuffle with the mean of each model and protocol.

    Parameters
    ----------
    audit : DataFrame
        protocol, model, cohort, shuffle, auc.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        One panel for training (cross-fitted where leak-free), one for validation.
    """
    models = [model for model in MODELS if model in set(audit["model"])]
    with figure_style():
        figure = Figure(figsize=(8.2, 4.4))
        panels = figure.subplots(1, len(PANELS), sharey=True)
        for axes, (cohort, title) in zip(panels, PANELS.items(), strict=True):
            axes.axhline(0.5, color=GREY, linewidth=1, linestyle=":")
            for shift, protocol in zip((-0.17, 0.17), PROTOCOLS, strict=True):
                chosen = audit[(audit["cohort"] == cohort) & (audit["protocol"] == protocol)]
                colour = BLUE if protocol == "leak_free" else VERMILION
                marker = "o" if protocol == "leak_free" else "^"
                label = PROTOCOL_NAMES[protocol].capitalize()
                for position, model in enumerate(models):
                    values = chosen.loc[chosen["model"] == model, "auc"].to_numpy()
                    spread = np.linspace(-0.09, 0.09, max(len(values), 1))[: len(values)]
                    axes.plot(
                        position + shift + spread, values, marker, color=colour, alpha=0.45,
                        markersize=3.5, markeredgewidth=0, label=label,
                    )  # fmt: skip
                    label = "_"
                    if len(values):
                        ends = [position + shift - 0.14, position + shift + 0.14]
                        axes.plot(ends, [values.mean()] * 2, color=colour, linewidth=2)
            axes.set_title(title)
            axes.set_xticks(range(len(models)), [MODEL_NAMES[model] for model in models])
            axes.set_ylim(0.25, 1.02)
        panels[0].set_ylabel("AUC on shuffled labels")
        panels[0].legend(loc="lower left")
        headline(
            figure,
            "Permutation audit",
            "Each point is one shuffle of the labels, bars are means; an honest AUC is 0.5",
            simulated=simulated,
        )
    return figure
