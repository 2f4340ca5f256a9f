"""Measures and scores the study's lesions under other outlines."""

from spl_kedro.pipelines.outline_robustness.pipeline import create_pipeline

__all__ = ["create_pipeline"]
