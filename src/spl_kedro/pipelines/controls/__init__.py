"""Negative controls of a fitted study: what else could give the label away."""

from spl_kedro.pipelines.controls.pipeline import create_pipeline

__all__ = ["create_pipeline"]
