"""Parameters of the prediction_stability pipeline."""

from pydantic import Field

from spl_kedro.parameters import Settings


class PredictionStabilityParameters(Settings):
    """How often which models are refitted."""

    refits: int = Field(
        200, ge=2, le=5000, description="bootstrap samples of the patients, each a whole refit"
    )
    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of the samples")
    models: tuple[str, ...] | None = Field(
        None, min_length=1, description="models to refit; null: all main ones"
    )
    n_jobs: int = Field(
        2, ge=-1, le=256, description="processes, each one refit. Results do not depend on it"
    )
    checkpoints: str | None = Field(
        None,
        description="folder an interrupted run goes on from, refit by refit; null: none",
    )
