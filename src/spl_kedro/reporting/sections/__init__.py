"""The report's sections, each made from the study's results."""

from spl_kedro.reporting.sections.clinic import clinic_sections
from spl_kedro.reporting.sections.cohort import cohort_sections
from spl_kedro.reporting.sections.explanation import explanation_sections
from spl_kedro.reporting.sections.features import feature_sections
from spl_kedro.reporting.sections.limits import limit_sections
from spl_kedro.reporting.sections.methods import method_sections
from spl_kedro.reporting.sections.methods_text import methods_text_sections
from spl_kedro.reporting.sections.nomogram import nomogram_sections
from spl_kedro.reporting.sections.performance import performance_sections
from spl_kedro.reporting.sections.robustness import robustness_sections
from spl_kedro.reporting.sections.sceptic import sceptic_sections
from spl_kedro.reporting.sections.seal import seal_banner, seal_sections, with_seal
from spl_kedro.reporting.sections.summary import summary_sections
from spl_kedro.reporting.sections.validation import validation_sections

__all__ = [
    "clinic_sections",
    "cohort_sections",
    "explanation_sections",
    "feature_sections",
    "limit_sections",
    "method_sections",
    "methods_text_sections",
    "nomogram_sections",
    "performance_sections",
    "robustness_sections",
    "sceptic_sections",
    "seal_banner",
    "seal_sections",
    "summary_sections",
    "validation_sections",
    "with_seal",
]
