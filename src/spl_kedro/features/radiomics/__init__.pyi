from .engine import ENGINE_VERSION, measure
from .presets import (
    PRESETS,
    MissingDependencyError,
    PresetName,
    feature_names,
    feature_schema,
    require_dependencies,
)
from .roi import UnmeasurableError

__all__ = [
    "ENGINE_VERSION",
    "PRESETS",
    "MissingDependencyError",
    "PresetName",
    "UnmeasurableError",
    "feature_names",
    "feature_schema",
    "measure",
    "require_dependencies",
]
