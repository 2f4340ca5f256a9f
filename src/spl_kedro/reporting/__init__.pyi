from .calculator import build_calculator
from .cards import data_sheet, model_card
from .checklist import (
    CHECKLISTS,
    VALIDATION_CHECKLISTS,
    checklist_table,
    fill_checklist,
    metrics_range,
)
from .document import tables_document
from .export import figure_files, table_files
from .figures.panels import draw_sections
from .page import build_report, report_sections
from .results import FrozenStudy, StudyResults
from .settings import ReportSettings

__all__ = [
    "CHECKLISTS",
    "VALIDATION_CHECKLISTS",
    "FrozenStudy",
    "ReportSettings",
    "StudyResults",
    "build_calculator",
    "build_report",
    "checklist_table",
    "data_sheet",
    "draw_sections",
    "figure_files",
    "fill_checklist",
    "metrics_range",
    "model_card",
    "report_sections",
    "table_files",
    "tables_document",
]
