"""Compares frozen backbones, on cross-fitted training lesions alone."""

from spl_kedro.pipelines.backbones.pipeline import create_pipeline

__all__ = ["create_pipeline"]
