from .added_value import added_value_table
from .checks import EvaluationError
from .comparisons import compare_models
from .curve_tables import calibration_table, decision_curve_table
from .measures import METRICS, auc_by_repeat, performance
from .optimism import optimism_table
from .rate_tables import precision_recall_table, roc_curve_table, waterfall_table
from .reader_settings import ReaderComparisonSettings
from .reader_study import (
    reader_comparison_table,
    reader_performance_table,
    reader_reclassification_table,
    reader_roc_table,
    reader_variance_table,
)
from .sample_size import sample_size_table
from .settings import EvaluationSettings
from .subgroups import subgroup_table
from .threshold_benefit import threshold_benefit_table
from .thresholds import operating_thresholds

__all__ = [
    "METRICS",
    "EvaluationError",
    "EvaluationSettings",
    "ReaderComparisonSettings",
    "added_value_table",
    "auc_by_repeat",
    "calibration_table",
    "compare_models",
    "decision_curve_table",
    "operating_thresholds",
    "optimism_table",
    "performance",
    "precision_recall_table",
    "reader_comparison_table",
    "reader_performance_table",
    "reader_reclassification_table",
    "reader_roc_table",
    "reader_variance_table",
    "roc_curve_table",
    "sample_size_table",
    "subgroup_table",
    "threshold_benefit_table",
    "waterfall_table",
]
