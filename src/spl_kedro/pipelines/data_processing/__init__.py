"""Reads the hospital's table and files and makes the cohort, its split and Table 1."""

from spl_kedro.pipelines.data_processing.pipeline import create_pipeline

__all__ = ["create_pipeline"]
