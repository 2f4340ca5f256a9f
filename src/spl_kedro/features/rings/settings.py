"""Typed settings of the rings: how far they reach, and how much of one must be in view."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings

Unit = Literal["mm", "pixels", "diameter"]
#: Inner and outer distance from the outline.
Pair = tuple[float, float]
#: The farthest that a ring may reach.
FARTHEST: dict[Unit, float] = {"mm": 50.0, "pixels": 500.0, "diameter": 5.0}


def _check(pairs: tuple[Pair, ...], unit: Unit) -> None:
    """Refuse a ring that is no ring, or that leaves every image."""
    for inner, outer in pairs:
        if not 0 <= inner < outer <= FARTHEST[unit]:
            raise ValueError(
                f"a ring from {inner:g} to {outer:g}: the inner distance is at least 0 and below "
                f"the outer one, which is at most {FARTHEST[unit]:g} (unit: {unit})"
            )


class WithoutPixelSize(Settings):
    """The rings of a cohort in which a training lesion's pixel size is unknown."""

    unit: Literal["pixels", "diameter"] = Field(
        "diameter",
        description="diameter: shares of the lesion's equivalent diameter; pixels: sides of a "
        "square of a pixel's area",
    )
    distances: tuple[Pair, ...] = Field(
        ((0.0, 0.1), (0.1, 0.25)),
        min_length=1,
        max_length=10,
        description="inner and outer distance of each ring, in `unit`",
    )

    @model_validator(mode="after")
    def _are_rings(self) -> WithoutPixelSize:
        _check(self.distances, self.unit)
        return self


class DeepRingSettings(Settings):
    """Deep features of the rings, by the study's backbone with the weights it comes with."""

    enabled: bool = Field(
        True, description="embed the rings; off: their deep features are a table without columns"
    )
    margin: float = Field(
        0.05,
        ge=0,
        le=2,
        description="border around the outermost ring, of the side of what holds it",
    )


class RingParameters(Settings):
    """All of `params:rings`."""

    unit: Unit = Field(
        "mm",
        description="of `distances`: mm, where the pixel size of every training lesion is known; "
        "pixels; or diameter, shares of the lesion's equivalent diameter",
    )
    distances: tuple[Pair, ...] = Field(
        ((0.0, 2.0), (2.0, 5.0)),
        min_length=1,
        max_length=10,
        description="inner and outer distance of each ring from the outline, in `unit`",
    )
    without_pixel_size: WithoutPixelSize = Field(
        default_factory=WithoutPixelSize,
        description="in place of millimetres for the whole cohort, where the pixel size of a "
        "training lesion is unknown",
    )
    min_in_view: float = Field(
        0.25,
        ge=0,
        le=1,
        description="share of a ring that must be in view; one of which less is counts as missing",
    )
    min_pixels: int = Field(
        30, ge=4, description="pixels that a ring must have in view, or it counts as missing"
    )
    deep: DeepRingSettings = Field(
        default_factory=DeepRingSettings, description="Deep features of the rings."
    )

    @model_validator(mode="after")
    def _are_rings(self) -> RingParameters:
        _check(self.distances, self.unit)
        if self.unit == "mm" and len(self.distances) != len(self.without_pixel_size.distances):
            raise ValueError(
                f"distances has {len(self.distances)} rings and without_pixel_size.distances "
                f"{len(self.without_pixel_size.distances)}: give both as many"
            )
        return self
