"""What a sceptic would ask of a fitted study, and the report that says it."""

from spl_kedro.pipelines.sceptic.pipeline import create_pipeline

__all__ = ["create_pipeline"]
