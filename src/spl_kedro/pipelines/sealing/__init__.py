"""Stores the analysis plan, and says how far a run keeps to it."""

from spl_kedro.pipelines.sealing.pipeline import create_pipeline

__all__ = ["create_pipeline"]
