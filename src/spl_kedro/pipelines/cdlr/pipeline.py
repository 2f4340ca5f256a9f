"""The composite pipeline: data_processing through reporting."""

from kedro.pipeline import Pipeline

from spl_kedro.pipelines import (
    data_processing,
    deep_features,
    explainability,
    modeling,
    radiomics,
    reporting,
)

STEPS = (data_processing, radiomics, deep_features, modeling, explainability, reporting)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return sum((step.create_pipeline() for step in STEPS), start=Pipeline([]))
