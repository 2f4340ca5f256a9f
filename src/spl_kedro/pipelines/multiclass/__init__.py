"""Tells several classes apart by the study's own features, folds and models."""

from spl_kedro.pipelines.multiclass.pipeline import create_pipeline

__all__ = ["create_pipeline"]
