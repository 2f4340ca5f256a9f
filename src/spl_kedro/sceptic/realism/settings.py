"""What is compared, and with how many resamples."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.parameters import Settings


class RealismSettings(Settings):
    """Settings of the comparison of simulated with real images."""

    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of resamples, splits and folds")
    first_centre: int = Field(
        192, ge=8, le=5000, description="simulated patients of the first centre that are measured"
    )
    second_centre: int = Field(
        64, ge=8, le=5000, description="simulated patients of the second centre that are measured"
    )
    dynamic_range_db: float = Field(
        60.0,
        gt=10,
        le=120,
        description="range that the grey scale is taken to span where log compression is undone; "
        "of real images nobody states it",
    )
    other_ranges_db: tuple[float, ...] = Field(
        (50.0, 70.0), description="further ranges, for how far Nakagami's parameter hangs on it"
    )
    bin_width: float = Field(
        5.0, gt=0, le=255, description="grey levels in a bin of the texture features"
    )
    n_resamples: int = Field(500, ge=20, le=20_000, description="bootstrap resamples of images")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="coverage of the intervals")
    n_splits: int = Field(
        50, ge=4, le=1000, description="random halves of a set of real images, for scale"
    )
    folds: int = Field(4, ge=2, le=10, description="folds of the classifier that tells sets apart")
    repeats: int = Field(5, ge=1, le=100, description="times that the folds are drawn anew")
