"""What a study may choose about learning from patients that have several images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings

#: What a bag says of one feature of its images.
Statistic = Literal["mean", "max", "std"]


class BagParameters(Settings):
    """Which models learn from patients, and how."""

    models: tuple[str, ...] = Field(
        ("dlr", "cdlr"),
        min_length=1,
        description="models of the study that are also learnt from patients: of image features, "
        "or fusions of their score",
    )
    statistics: tuple[Statistic, ...] = Field(
        ("mean", "max", "std"),
        min_length=1,
        description="what stands for an image feature in a patient: mean, largest value, standard "
        "deviation over the patient's images",
    )
    witness: tuple[str, ...] = Field(
        ("dlr",),
        description="models of image features that are also learnt from the most malignant image "
        "of each malignant patient",
    )
    rounds: int = Field(
        3, ge=1, le=20, description="times at most that the most malignant image is chosen anew"
    )

    @model_validator(mode="after")
    def _witnesses_are_compared(self) -> BagParameters:
        unknown = [name for name in self.witness if name not in self.models]
        if unknown:
            raise ValueError(f"witness names '{unknown[0]}', which models does not name")
        return self
