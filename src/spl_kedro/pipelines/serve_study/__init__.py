"""Registers the packaged study as a model that MLflow can serve."""

from spl_kedro.pipelines.serve_study.pipeline import create_pipeline

__all__ = ["create_pipeline"]
