"""Figures of the evaluation, in one style; each takes tables of `spl_kedro.evaluation`."""

from spl_kedro.evaluation.figures.calibration import calibration_figure
from spl_kedro.evaluation.figures.cohort import one_class_figure
from spl_kedro.evaluation.figures.decision import avoided_figure, decision_curve_figure
from spl_kedro.evaluation.figures.forest import forest_figure
from spl_kedro.evaluation.figures.matrix import delong_figure
from spl_kedro.evaluation.figures.rates import precision_recall_figure, roc_figure
from spl_kedro.evaluation.figures.waterfall import waterfall_figure

__all__ = [
    "avoided_figure",
    "calibration_figure",
    "decision_curve_figure",
    "delong_figure",
    "forest_figure",
    "one_class_figure",
    "precision_recall_figure",
    "roc_figure",
    "waterfall_figure",
]
