"""Scores new cases with a packaged study, explains each, and says what is unusual about it."""

from spl_kedro.pipelines.inference.pipeline import create_pipeline

__all__ = ["create_pipeline"]
