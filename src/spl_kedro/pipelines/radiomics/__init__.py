"""Measures the radiomics features of every lesion and how repeatable each feature is."""

from spl_kedro.pipelines.radiomics.pipeline import create_pipeline

__all__ = ["create_pipeline"]
