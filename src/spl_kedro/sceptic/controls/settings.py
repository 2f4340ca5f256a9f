"""What a study may choose about its negative controls."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.parameters import Settings


class ControlSettings(Settings):
    """The negative controls and the rules of their verdicts."""

    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of shuffled pixels and labels")
    image_model: str = Field(
        "rad",
        description="model of image features whose chain is fitted anew on changed images and "
        "that most controls are compared with; its sources may be radiomics and deep",
    )
    full_model: str = Field("cdlr", description="model that age and size are compared with")
    age: str = Field("age", description="clinical variable that holds the age")
    margin: float = Field(
        0.02,
        ge=0,
        le=0.2,
        description="a control explains the result if it is not worse than the model, or if the "
        "whole interval of the difference in AUC lies within this margin",
    )
    gap: float = Field(
        0.1,
        ge=0,
        le=1,
        description="distance kept from the outline, in radii of the lesion, by whatever is to "
        "hold nothing of it: outlines are not drawn to the pixel",
    )
    surroundings: float = Field(
        0.5, gt=0, le=2, description="width of the ring round a blanked lesion, in its radii"
    )
    permutations: int = Field(
        20, ge=5, le=1000, description="shuffles of the labels, each cross-fitted once"
    )
    min_site_lesions: int = Field(
        20, ge=10, le=10_000, description="training lesions that a site needs to be predicted"
    )
