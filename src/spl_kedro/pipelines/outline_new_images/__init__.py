"""Outlines new images from boxes or clicks in a table, by a study's networks."""

from spl_kedro.pipelines.outline_new_images.pipeline import create_pipeline

__all__ = ["create_pipeline"]
