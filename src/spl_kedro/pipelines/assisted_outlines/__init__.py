"""Outlines lesions from a box or a click by two ways, and compares them with the readers'."""

from spl_kedro.pipelines.assisted_outlines.pipeline import create_pipeline

__all__ = ["create_pipeline"]
