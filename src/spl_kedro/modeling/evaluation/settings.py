"""What a study may choose about its evaluation."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from spl_kedro.modeling.evaluation.clinic_settings import ClinicalUseSettings
from spl_kedro.parameters import Settings

#: What becomes of the scores of a patient's several images: each is evaluated by itself, or they
#: become their mean or the largest, which is that of the image most like a malignant lesion.
Pooling = Literal["none", "mean", "max"]


class EvaluationSettings(Settings):
    """Choices of the evaluation; the defaults are those of the main analysis."""

    threshold_rule: Literal["youden", "sensitivity"] = Field(
        "youden",
        description="how the operating threshold is chosen on the training cohort's scores: "
        "largest Youden index, or the highest threshold that keeps `min_sensitivity`",
    )
    min_sensitivity: float = Field(
        0.9, gt=0, le=1, description="sensitivity to keep when `threshold_rule` is sensitivity"
    )
    n_bootstrap: int = Field(2000, ge=100, le=100_000, description="bootstrap resamples")
    stratified_split: bool = Field(
        True,
        description="training and validation are one cohort divided in proportion to its classes, "
        "as data_processing does; false: a split of your own, by time or place",
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="coverage of every interval")
    prevalence: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="prevalence of malignancy at which PPV and NPV are also given; "
        "none: only at the cohort's own",
    )
    decision_threshold_min: float = Field(
        0.05, gt=0, lt=1, description="lowest threshold probability of the decision curves"
    )
    decision_threshold_max: float = Field(
        0.95, gt=0, lt=1, description="highest threshold probability of the decision curves"
    )
    decision_threshold_step: float = Field(
        0.01, gt=0, le=0.5, description="spacing of the decision curves' threshold probabilities"
    )
    risk_categories: tuple[float, ...] = Field(
        (),
        description="cut points between risk categories (increasing, inside 0-1) for the "
        "categorical NRI; empty: two categories, split at each model's operating threshold",
    )
    calibration_points: int = Field(
        50, ge=10, le=500, description="points at which the smooth calibration curve is given"
    )
    calibration_bins: int = Field(
        10, ge=2, le=50, description="risk groups of the calibration plot and Hosmer-Lemeshow"
    )
    subgroups: tuple[str, ...] = Field(
        ("site", "sex", "age", "lesion_size_mm"),
        description="cohort columns whose groups are reported; numeric ones are cut",
    )
    subgroup_cuts: dict[str, tuple[float, ...]] = Field(
        default_factory=dict,
        description="cut points of numeric subgroup columns; not named: the training median, in a "
        "cohort without training lesions that of the frozen study or its own",
    )
    min_events: int = Field(
        10, ge=1, le=1000, description="fewer events or non-events than this raise a warning flag"
    )
    pooling: Pooling = Field(
        "none", description="how scores of a patient's several images become one; none: they do not"
    )
    clinic: ClinicalUseSettings = Field(
        ClinicalUseSettings(), description="zones, assumptions and groups of the use in the clinic"
    )
    seed: int = Field(20260101, ge=0, lt=2**32, description="seed of every bootstrap")

    @model_validator(mode="after")
    def _ranges_are_ordered(self) -> Self:
        if self.decision_threshold_min >= self.decision_threshold_max:
            raise ValueError(
                "decision_threshold_min must be below decision_threshold_max, got "
                f"{self.decision_threshold_min} and {self.decision_threshold_max}"
            )
        named = {"risk_categories": self.risk_categories, **self.subgroup_cuts}
        for name, cuts in named.items():
            if list(cuts) != sorted(set(cuts)):
                raise ValueError(f"{name}: cut points must increase, got {cuts}")
        if any(not 0 < cut < 1 for cut in self.risk_categories):
            raise ValueError(f"risk_categories must lie inside 0-1, got {self.risk_categories}")
        return self
