"""Settings of the simulated readers; `spl_kedro.simulation.readers` has the model."""

from __future__ import annotations

from statistics import NormalDist
from typing import Self

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings


class RoeMetz(Settings):
    """How much readers, lesions and their combinations vary; lesions in all by 1.

    The defaults are the structure of Roe & Metz with high correlation and high reader variance at
    an AUC of 0.855.
    """

    reader: float = Field(0.03, ge=0, le=2, description="variance between readers")
    modality_reader: float = Field(0.03, ge=0, le=2, description="of a reader between modalities")
    case: float = Field(0.3, ge=0, le=1, description="between lesions, for all alike")
    modality_case: float = Field(0.3, ge=0, le=1, description="of a lesion between modalities")
    reader_case: float = Field(0.2, ge=0, le=1, description="of a lesion between readers")
    rest: float = Field(0.2, ge=0, le=1, description="of one reading")

    @model_validator(mode="after")
    def _lesions_vary_by_one(self) -> Self:
        total = self.case + self.modality_case + self.reader_case + self.rest
        if abs(total - 1) > 1e-9:
            raise ValueError(
                f"case, modality_case, reader_case and rest add up to {total:g}; they must add "
                "up to 1"
            )
        return self

    def separation(self, auc: float) -> float:
        """Return how far the classes' means lie apart where the expected AUC is `auc`."""
        return NormalDist().inv_cdf(auc) * (2 + 2 * (self.reader + self.modality_reader)) ** 0.5


class ReaderStudy(Settings):
    """The simulated reader study."""

    readers: int = Field(5, ge=2, le=100, description="number of readers")
    lesions: int = Field(150, ge=4, le=100_000, description="lesions read; at most all there are")
    auc_without: float = Field(0.78, gt=0, lt=1, description="expected AUC without the tool")
    auc_with: float = Field(0.84, gt=0, lt=1, description="expected AUC with it")
    variances: RoeMetz = RoeMetz()
