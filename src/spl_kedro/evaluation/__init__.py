"""How good the models are: every number and interval of the study, from `predictions` alone."""

from spl_kedro.evaluation.checks import EvaluationError
from spl_kedro.evaluation.comparisons import compare_models
from spl_kedro.evaluation.curve_tables import calibration_table, decision_curve_table
from spl_kedro.evaluation.measures import METRICS, performance
from spl_kedro.evaluation.optimism import optimism_table
from spl_kedro.evaluation.sample_size import sample_size_table
from spl_kedro.evaluation.settings import EvaluationSettings
from spl_kedro.evaluation.subgroups import subgroup_table
from spl_kedro.evaluation.thresholds import operating_thresholds

__all__ = [
    "METRICS",
    "EvaluationError",
    "EvaluationSettings",
    "calibration_table",
    "compare_models",
    "decision_curve_table",
    "operating_thresholds",
    "optimism_table",
    "performance",
    "sample_size_table",
    "subgroup_table",
]
