"""Runs the leak-free protocol with every classifier, to compare them in MLflow."""

from spl_kedro.pipelines.sweep.pipeline import create_pipeline

__all__ = ["create_pipeline"]
