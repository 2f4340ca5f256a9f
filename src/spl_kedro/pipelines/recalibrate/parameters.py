"""Parameters of the recalibrate pipeline."""

from pydantic import Field

from spl_kedro.deployment.recalibration_settings import RecalibrationSettings


class RecalibrationParameters(RecalibrationSettings):
    """Which study is recalibrated on which cases; the paths are read by the catalog."""

    study: str | None = Field(None, description="packaged study; null: this environment's own")
    predictions: str | None = Field(
        None, description="its scores of cases with a diagnosis; null: this environment's own"
    )
    cohort: str | None = Field(None, description="their cohort table; null: this environment's own")
    models: tuple[str, ...] = Field((), description="recalibrated models; none: all")
