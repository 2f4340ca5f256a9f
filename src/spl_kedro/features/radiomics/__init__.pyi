from .cache import FeatureCache
from .extraction import ExtractionResult, extract_features
from .extractor import lesion_features
from .presets import feature_names, feature_schema
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
    "feature_names",
    "feature_schema",
    "lesion_features",
]
