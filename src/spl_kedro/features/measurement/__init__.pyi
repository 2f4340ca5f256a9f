from .cache import FeatureCache
from .extraction import ExtractionResult, extract_features
from .lesion import lesion_features
from .settings import (
    CacheSettings,
    ExecutionSettings,
    RadiomicsParameters,
    RadiomicsSettings,
    StabilitySettings,
)

__all__ = [
    "CacheSettings",
    "ExecutionSettings",
    "ExtractionResult",
    "FeatureCache",
    "RadiomicsParameters",
    "RadiomicsSettings",
    "StabilitySettings",
    "extract_features",
    "lesion_features",
]
