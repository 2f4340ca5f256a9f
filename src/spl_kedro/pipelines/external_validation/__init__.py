"""Applies a frozen study to another hospital's patients and reports how well it does."""

from spl_kedro.pipelines.external_validation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
