"""Typed settings of the habitats: which maps, how pixels are grouped, into how many groups."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings

#: Chosen before anything was fitted: how bright, how spread, how rough, how ordered, how fine.
MAPS = (
    "original_firstorder_Mean",
    "original_firstorder_Entropy",
    "original_glcm_Contrast",
    "original_glcm_Correlation",
    "original_gldm_SmallDependenceEmphasis",
)


class HabitatParameters(Settings):
    """All of `params:habitats`. Part of the key under which measured habitats are kept."""

    features: tuple[str, ...] = Field(
        MAPS,
        min_length=1,
        max_length=50,
        description="features that are mapped, of the preset of the radiomics, without shape",
    )
    kernel_radius: int = Field(
        3, ge=1, le=15, description="of the kernel around each pixel, in pixels: 3 is 7 x 7"
    )
    masked_kernel: bool = Field(
        True, description="in a kernel only the lesion's pixels count; false: all of the image"
    )
    method: Literal["kmeans", "gaussian_mixture"] = Field(
        "kmeans", description="how pixels are grouped: k-means, or a mixture of Gaussians"
    )
    number: int | None = Field(
        3,
        ge=2,
        le=10,
        description="habitats; null: chosen in each fit among `candidates`, without labels",
    )
    candidates: tuple[int, ...] = Field(
        (2, 3, 4, 5),
        min_length=1,
        description="numbers to choose among: by the largest silhouette with k-means, by the "
        "smallest BIC with a mixture",
    )
    order_by: str = Field(
        MAPS[0],
        description="map by whose mean in a habitat the habitats are numbered, smallest first",
    )
    pixels_per_lesion: int = Field(
        200, ge=10, le=100_000, description="pixels drawn from each training lesion of a fit"
    )
    min_pixels: int = Field(
        30, ge=4, description="pixels with all maps that a lesion must have, or it has no habitats"
    )
    starts: int = Field(
        5, ge=1, le=100, description="starts of a grouping, of which the best counts"
    )
    seed: int = Field(2024, ge=0, description="seed of the pixels drawn, the starts, the examples")
    examples: int = Field(
        6,
        ge=2,
        le=24,
        description="training lesions in the contact sheet, drawn with the seed, half of each "
        "diagnosis",
    )
    mapped: tuple[str, ...] = Field(
        (), description="lesions whose maps are stored as pictures; none: the first two examples"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> HabitatParameters:
        if self.order_by not in self.features:
            raise ValueError(f"order_by names '{self.order_by}', which is not one of `features`")
        if len(set(self.features)) < len(self.features):
            raise ValueError("features names a feature twice")
        if not all(2 <= number <= 10 for number in self.candidates):
            raise ValueError("candidates: a number of habitats is 2 to 10")
        return self

    @property
    def most(self) -> int:
        """Most habitats that a fit may have: the table has columns for so many."""
        return self.number or max(self.candidates)
