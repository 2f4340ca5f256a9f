"""What a reader study may choose about its comparison."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.parameters import Settings


class ReaderComparisonSettings(Settings):
    """Choices of the comparison."""

    confidence: float = Field(0.95, gt=0.5, lt=1, description="coverage of every interval")
    cut: float = Field(
        0.5, description="a score from here on calls a lesion malignant, for the reclassification"
    )
