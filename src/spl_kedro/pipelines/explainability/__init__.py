"""Why the scores are what they are."""

from spl_kedro.pipelines.explainability.pipeline import create_pipeline

__all__ = ["create_pipeline"]
