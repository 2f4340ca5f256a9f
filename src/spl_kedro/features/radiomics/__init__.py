"""Radiomics of single-slice lesions: pyradiomics' numbers from a compiled engine."""

from spl_kedro.features.radiomics.cache import FeatureCache
from spl_kedro.features.radiomics.extraction import ExtractionResult, extract_features
from spl_kedro.features.radiomics.extractor import lesion_features
from spl_kedro.features.radiomics.presets import feature_names, feature_schema
from spl_kedro.features.radiomics.settings import (
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
