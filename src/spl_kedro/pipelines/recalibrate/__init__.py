"""Recalibrates a packaged study on local cases."""

from spl_kedro.pipelines.recalibrate.pipeline import create_pipeline

__all__ = ["create_pipeline"]
