from .added_value import added_value_figure
from .calibration import calibration_figure
from .clinic import clinic_counts_figure, zone_figure
from .clinic_assumptions import reference_figure, verification_figure
from .cohort import has_both_classes, one_class_figure, one_model_figure
from .decision import avoided_figure, decision_curve_figure
from .forest import forest_figure
from .matrix import delong_figure
from .rates import precision_recall_figure, roc_figure
from .readers import reader_difference_figure, reader_roc_figure
from .waterfall import waterfall_figure

__all__ = [
    "added_value_figure",
    "avoided_figure",
    "calibration_figure",
    "clinic_counts_figure",
    "decision_curve_figure",
    "delong_figure",
    "forest_figure",
    "has_both_classes",
    "one_class_figure",
    "one_model_figure",
    "precision_recall_figure",
    "reader_difference_figure",
    "reader_roc_figure",
    "reference_figure",
    "roc_figure",
    "verification_figure",
    "waterfall_figure",
    "zone_figure",
]
