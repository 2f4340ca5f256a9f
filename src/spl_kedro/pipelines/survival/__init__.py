"""Models of the time to an event on the features of the study's signatures."""

from spl_kedro.pipelines.survival.pipeline import create_pipeline

__all__ = ["create_pipeline"]
