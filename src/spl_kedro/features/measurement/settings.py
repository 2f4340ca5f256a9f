"""Typed settings of the extraction: what is measured, how it runs, how it is judged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.features.radiomics.presets import PresetName
from spl_kedro.parameters import Settings


class RadiomicsSettings(Settings):
    """What is measured on each lesion. Part of the cache key: any change recomputes."""

    preset: PresetName = Field(
        "us2d-1561",
        description="us2d-1561: the slice as a (1, H, W) volume, 1561 features, as in the "
        "study; us2d-native: the slice as the (H, W) image it is, 1283 features, none degenerate.",
    )
    bin_width: float = Field(
        5.0,
        gt=0,
        le=255,
        description="Width of a grey-level bin in grey levels (8-bit scale) for texture features.",
    )
    spacing: Literal["pixel", "physical"] = Field(
        "pixel",
        description="pixel: unit spacing, as in the recipe; physical: millimetres where known, "
        "unit spacing (with a warning in the log) where not.",
    )
    resample_mm: float | None = Field(
        None,
        gt=0,
        le=5,
        description="Resample to square pixels of this size in mm before measuring (needs "
        "spacing: physical). null: no resampling.",
    )
    engine: Literal["fast", "stock"] = Field(
        "fast",
        description="fast: the compiled engine, same numbers; stock: pyradiomics itself, slow, on "
        "Python 3.11 only.",
    )

    @model_validator(mode="after")
    def _resampling_needs_physical_spacing(self) -> RadiomicsSettings:
        if self.resample_mm is not None and self.spacing != "physical":
            raise ValueError("resample_mm is in millimetres: it needs spacing: physical")
        return self


class ExecutionSettings(Settings):
    """How the lesions are measured on this machine. No part of the result depends on it."""

    backend: Literal["threads", "processes"] = Field(
        "processes",
        description="What measures on this machine; a cluster (`scheduler` in the globals) goes "
        "before it.",
    )
    workers: int = Field(
        0, ge=0, le=1024, description="Workers on this machine; 0 takes every processor available."
    )
    retries: int = Field(
        2,
        ge=0,
        le=10,
        description="How often a lesion whose worker died is tried again before quarantine.",
    )
    progress: bool = Field(True, description="Show a progress bar.")


class CacheSettings(Settings):
    """Where finished lesions are kept, so that an interrupted extraction resumes."""

    enabled: bool = Field(
        True, description="Keep each lesion's features as soon as they are known."
    )
    directory: str = Field(
        ".cache/radiomics", min_length=1, description="Folder of the cache; made when missing."
    )


class StabilitySettings(Settings):
    """How the repeatability of each feature is judged."""

    lesions: int = Field(
        50,
        ge=5,
        le=1000,
        description="Lesions whose outlines are perturbed where no second reader's exist.",
    )
    icc: Literal["consistency", "agreement"] = Field(
        "consistency",
        description="Which coefficient `stable` is judged by: ICC(3,1) consistency (the recipe's) "
        "or ICC(2,1) absolute agreement. Both are always reported.",
    )
    threshold: float = Field(
        0.75,
        ge=0,
        le=1,
        description="Features at or above it are marked stable (0.9 in stricter studies).",
    )
    seed: int = Field(2024, ge=0, description="Seed of the outline perturbations.")


class RadiomicsParameters(Settings):
    """All of `params:radiomics`."""

    extraction: RadiomicsSettings = Field(
        default_factory=RadiomicsSettings, description="What is measured."
    )
    execution: ExecutionSettings = Field(
        default_factory=ExecutionSettings, description="Where it runs."
    )
    cache: CacheSettings = Field(default_factory=CacheSettings, description="Resume.")
    stability: StabilitySettings = Field(
        default_factory=StabilitySettings, description="Repeatability."
    )
