"""The study once more on machine outlines, compared with that on its readers'."""

from spl_kedro.pipelines.outline_comparison.pipeline import create_pipeline

__all__ = ["create_pipeline"]
