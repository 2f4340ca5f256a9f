"""What a study may choose about its use in the clinic."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from spl_kedro.parameters import Settings

Share = Annotated[float, Field(ge=0, lt=1)]
Error = Annotated[float, Field(gt=0, lt=0.5)]


class ClinicalUseSettings(Settings):
    """Two thresholds with a zone between them, and what the sensitivity analyses assume."""

    min_sensitivity: float = Field(
        0.95,
        gt=0.5,
        le=1,
        description="share of the malignant training lesions that must lie at or above the "
        "rule-out threshold, the highest that keeps it",
    )
    min_specificity: float = Field(
        0.95,
        gt=0.5,
        le=1,
        description="share of the benign training lesions that must lie below the rule-in "
        "threshold, the lowest that keeps it",
    )
    unbiopsied: tuple[Share, ...] = Field(
        (0.0, 0.25, 0.5),
        min_length=1,
        description="shares of a clinic's lesions that were never biopsied and so are missing "
        "here, as the analysis of verification bias assumes them",
    )
    reference_errors: tuple[Error, ...] = Field(
        (0.01, 0.02, 0.05, 0.1),
        min_length=1,
        description="shares of diagnoses that the reference standard has wrong, as the analysis "
        "of its errors assumes them",
    )
    groups: tuple[str, ...] = Field(
        ("sex", "age"),
        description="cohort columns between whose groups fairness is examined; numeric ones are "
        "cut as those of `subgroups`",
    )
    margin: float = Field(
        0.1,
        gt=0,
        lt=0.5,
        description="difference between groups, as a share, below which they count as alike",
    )
