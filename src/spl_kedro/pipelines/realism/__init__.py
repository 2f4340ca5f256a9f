"""Measures how far simulated images are from real ones of the lung and of the breast."""

from spl_kedro.pipelines.realism.pipeline import create_pipeline

__all__ = ["create_pipeline"]
