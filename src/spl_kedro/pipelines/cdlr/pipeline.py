"""The composite pipeline: data_processing through reporting."""

from kedro.pipeline import Pipeline

from spl_kedro.pipelines import (
    data_processing,
    deep_features,
    explainability,
    modeling,
    radiomics,
    reporting,
    sealing,
)
from spl_kedro.pipelines.grouping import grouped

STEPS = {
    "data_processing": data_processing,
    "sealing": sealing,
    "radiomics": radiomics,
    "deep_features": deep_features,
    "modeling": modeling,
    "explainability": explainability,
    "reporting": reporting,
}


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    steps = (grouped(name, step.create_pipeline()) for name, step in STEPS.items())
    return sum(steps, start=Pipeline([]))
