"""A domain-made starting point for the deep features; not part of the default run."""

from spl_kedro.pipelines.pretraining.pipeline import create_pipeline

__all__ = ["create_pipeline"]
