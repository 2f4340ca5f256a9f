from .added_value import added_value_table
from .checks import EvaluationError
from .clinic.fairness import fairness_table
from .clinic.reference import reference_error_table
from .clinic.use import clinical_use_by_prevalence, clinical_use_table
from .clinic.verification import verification_bias_table
from .clinic.zones import zone_score_table
from .clinic_settings import ClinicalUseSettings
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
    "ClinicalUseSettings",
    "EvaluationError",
    "EvaluationSettings",
    "ReaderComparisonSettings",
    "added_value_table",
    "auc_by_repeat",
    "calibration_table",
    "clinical_use_by_prevalence",
    "clinical_use_table",
    "compare_models",
    "decision_curve_table",
    "fairness_table",
    "operating_thresholds",
    "optimism_table",
    "performance",
    "precision_recall_table",
    "reader_comparison_table",
    "reader_performance_table",
    "reader_reclassification_table",
    "reader_roc_table",
    "reader_variance_table",
    "reference_error_table",
    "roc_curve_table",
    "sample_size_table",
    "subgroup_table",
    "threshold_benefit_table",
    "verification_bias_table",
    "waterfall_table",
    "zone_score_table",
]
