"""Typed settings: which lesions, which changes of their outlines, which models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from spl_kedro.parameters import Settings

#: What is done to an outline.
Kind = Literal["eroded", "dilated", "shifted", "smoothed"]
KINDS: tuple[Kind, ...] = ("eroded", "dilated", "shifted", "smoothed")


class OutlineSettings(Settings):
    """Which outlines the fitted models are asked about."""

    lesions: int = Field(
        1000,
        ge=10,
        le=1_000_000,
        description="of at most so many lesions, where the study has more: those of patients "
        "drawn at random",
    )
    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of the sample and of directions")
    kinds: tuple[Kind, ...] = Field(
        KINDS,
        min_length=1,
        description="eroded and dilated by a distance, shifted by it in a random direction, "
        "smoothed by a Gaussian of that SD",
    )
    unit: Literal["mm", "diameter"] = Field(
        "mm",
        description="of the sizes; diameter: shares of that of a circle of the lesion's area. It "
        "is diameter too where the pixel size of a training lesion is unknown",
    )
    sizes_mm: tuple[float, ...] = Field(
        (0.5, 1.0, 2.0), min_length=1, description="sizes of each change, in millimetres"
    )
    sizes_diameter: tuple[float, ...] = Field(
        (0.015, 0.03, 0.06), min_length=1, description="the same as shares of the diameter"
    )
    models: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="models to ask; null: all main ones that read the image and nothing that "
        "cannot be measured anew",
    )
    checkpoints: str | None = Field(
        None, description="folder an interrupted run goes on from, change by change; null: none"
    )

    @field_validator("sizes_mm", "sizes_diameter")
    @classmethod
    def _ascending(cls, sizes: tuple[float, ...]) -> tuple[float, ...]:
        if min(sizes) <= 0 or list(sizes) != sorted(set(sizes)):
            raise ValueError("sizes must be above 0, each larger than the one before")
        return sizes
