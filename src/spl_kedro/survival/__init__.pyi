from .figures import risk_group_figure, survival_figure
from .fitting import CoxModel, fit_survival
from .follow_up import lesion_follow_up, require_events
from .groups import calibration_by_group, risk_group_curves
from .measures import survival_tables
from .section import survival_section
from .settings import EventWords, SurvivalSettings

__all__ = [
    "CoxModel",
    "EventWords",
    "SurvivalSettings",
    "calibration_by_group",
    "fit_survival",
    "lesion_follow_up",
    "require_events",
    "risk_group_curves",
    "risk_group_figure",
    "survival_figure",
    "survival_section",
    "survival_tables",
]
