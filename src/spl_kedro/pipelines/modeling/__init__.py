"""Fits the five signatures under both protocols and evaluates them."""

from spl_kedro.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
