"""The whole study on whatever cohort the environment names."""

from spl_kedro.pipelines.cdlr.pipeline import create_pipeline

__all__ = ["create_pipeline"]
