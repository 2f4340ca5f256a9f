from .figure import class_figure
from .fitting import fit_classes
from .labels import lesion_classes, require_classes
from .measures import class_performance, class_roc_curves, confusion_counts, scored_classes
from .section import class_section
from .settings import ClassSettings

__all__ = [
    "ClassSettings",
    "class_figure",
    "class_performance",
    "class_roc_curves",
    "class_section",
    "confusion_counts",
    "fit_classes",
    "lesion_classes",
    "require_classes",
    "scored_classes",
]
