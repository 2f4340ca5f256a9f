"""Parameters of the audit pipeline."""

from pydantic import Field, model_validator

from spl_kedro.features.deep import DeepSettings
from spl_kedro.parameters import Settings


class AuditParameters(Settings):
    """How many shuffles, and a cheaper network for those that retrain it."""

    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of the shuffles")
    n_shuffles: int = Field(
        100, ge=2, le=1000, description="shuffles of the models without a network (clinical, rad)"
    )
    deep_shuffles: int = Field(
        20, ge=0, le=1000, description="how many of them train the networks anew; 0: none"
    )
    probe_draws: int = Field(
        30,
        ge=0,
        le=1000,
        description="cohorts of the nesting probe, label-copying networks; 0: none",
    )
    deep: DeepSettings = Field(
        DeepSettings(), description="the network of the audit, the same in both protocols"
    )
    n_jobs: int = Field(
        2, ge=-1, le=256, description="processes, each one shuffle. Results do not depend on it"
    )
    checkpoints: str | None = Field(
        None,
        description="folder an interrupted audit goes on from, shuffle by shuffle; null: none",
    )

    @model_validator(mode="after")
    def _deep_shuffles_among_all(self) -> "AuditParameters":
        if self.deep_shuffles > self.n_shuffles:
            raise ValueError(
                f"deep_shuffles ({self.deep_shuffles}) must not exceed n_shuffles "
                f"({self.n_shuffles}): the networks are trained on the first of these shuffles"
            )
        return self
