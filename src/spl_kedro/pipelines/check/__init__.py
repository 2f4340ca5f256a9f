"""Look at a cohort before anything is measured."""

from spl_kedro.pipelines.check.pipeline import create_pipeline

__all__ = ["create_pipeline"]
