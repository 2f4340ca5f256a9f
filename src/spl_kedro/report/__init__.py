"""HTML study report, model card, data sheet and checklists."""

from spl_kedro.report.cards import data_sheet, model_card
from spl_kedro.report.checklist import CHECKLISTS, checklist_table, fill_checklist, metrics_range
from spl_kedro.report.export import figure_files, table_files
from spl_kedro.report.page import build_report, report_sections
from spl_kedro.report.results import StudyResults
from spl_kedro.report.settings import ReportSettings

__all__ = [
    "CHECKLISTS",
    "ReportSettings",
    "StudyResults",
    "build_report",
    "checklist_table",
    "data_sheet",
    "figure_files",
    "fill_checklist",
    "metrics_range",
    "model_card",
    "report_sections",
    "table_files",
]
