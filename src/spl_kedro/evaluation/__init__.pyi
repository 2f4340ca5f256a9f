from .added_value import added_value_table
from .checks import EvaluationError
from .comparisons import compare_models
from .curve_tables import calibration_table, decision_curve_table
from .measures import METRICS, performance
from .optimism import optimism_table
from .sample_size import sample_size_table
from .settings import EvaluationSettings
from .subgroups import subgroup_table
from .thresholds import operating_thresholds

__all__ = [
    "METRICS",
    "EvaluationError",
    "EvaluationSettings",
    "added_value_table",
    "calibration_table",
    "compare_models",
    "decision_curve_table",
    "operating_thresholds",
    "optimism_table",
    "performance",
    "sample_size_table",
    "subgroup_table",
]
