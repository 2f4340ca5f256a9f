"""Settings of recalibration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings


class RecalibrationSettings(Settings):
    """How a model is recalibrated on local cases."""

    method: Literal["auto", "none", "intercept", "intercept_and_slope", "fusion"] = Field(
        "auto",
        description="auto: the one with the smallest cross-fitted log loss; fusion: its weights "
        "fitted anew, of models and cases that allow it",
    )
    keep_decisions: bool = Field(
        True,
        description="move each threshold with the scores, so that no decision changes; false: the "
        "threshold stays the probability that it is, and decisions change",
    )
    n_splits: int = Field(5, ge=2, le=20, description="folds, by patient")
    n_repeats: int = Field(20, ge=1, le=200, description="divisions into folds")
    seed: int = Field(ge=0, description="of the folds")
