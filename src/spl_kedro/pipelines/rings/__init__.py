"""Measures rings around the lesions, for studies that are extended by them."""

from spl_kedro.pipelines.rings.pipeline import create_pipeline

__all__ = ["create_pipeline"]
