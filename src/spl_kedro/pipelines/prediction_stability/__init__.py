"""Refits the study on bootstrap samples of its patients, and measures how far they agree."""

from spl_kedro.pipelines.prediction_stability.pipeline import create_pipeline

__all__ = ["create_pipeline"]
