"""What a study may choose about its seal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings


class PrimaryComparison(Settings):
    """The one comparison that the study is about; all others are secondary."""

    model: str = Field("cdlr", min_length=1, description="the model that should be better")
    against: str = Field("clinical", min_length=1, description="the model it is compared with")
    cohort: Literal["validation", "external"] = Field(
        "validation", description="whose lesions they are compared on"
    )

    @model_validator(mode="after")
    def _two_models(self) -> PrimaryComparison:
        if self.model == self.against:
            raise ValueError(f"primary compares {self.model} with itself: name two models")
        return self


class SealingSettings(Settings):
    """The parameters `sealing`: whether validation is sealed, and what the plan states."""

    sealed: bool = Field(
        False,
        description="true: a run reports training alone, and no diagnosis of another lesion is "
        "read before the pipeline unseal",
    )
    primary: PrimaryComparison = PrimaryComparison()
    sample_size: str = Field(
        "", max_length=2000, description="why there are as many patients; numbers are added"
    )
    registration: str = Field(
        "", max_length=500, description="where the protocol is registered; empty: listed as open"
    )
    reason: str = Field(
        "",
        max_length=500,
        description="why validation is looked at, or the analysis changed; goes into the log",
    )


#: Nothing is sealed.
OPEN = SealingSettings(sealed=False)
