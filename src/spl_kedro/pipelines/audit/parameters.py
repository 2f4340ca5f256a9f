"""Parameters of the audit pipeline."""

from pydantic import Field

from spl_kedro.features.deep import DeepSettings
from spl_kedro.parameters import Settings


class AuditParameters(Settings):
    """How many shuffles, and a cheaper network for those that retrain it."""

    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of the shuffles")
    n_shuffles: int = Field(
        20, ge=2, le=1000, description="shuffles of the models without a network (clinical, rad)"
    )
    deep_shuffles: int = Field(
        5, ge=0, le=100, description="shuffles for which the networks are trained anew; 0: none"
    )
    n_repeats: int = Field(1, ge=1, le=20, description="repeats of the cross-fitting")
    deep: DeepSettings = Field(
        DeepSettings(), description="the network of the audit, the same in both protocols"
    )
