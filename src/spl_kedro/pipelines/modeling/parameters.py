"""Parameters of the modeling pipeline."""

from pydantic import Field

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.signatures.settings import SignatureSettings


class ModelingParameters(SignatureSettings):
    """The signatures, their validation, and how they are evaluated."""

    evaluation: EvaluationSettings = Field(
        EvaluationSettings(), description="thresholds, intervals, subgroups"
    )
