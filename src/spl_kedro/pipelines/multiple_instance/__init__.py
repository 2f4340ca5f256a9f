"""Patients as bags of several images, for studies that are extended by them."""

from spl_kedro.pipelines.multiple_instance.pipeline import create_pipeline

__all__ = ["create_pipeline"]
