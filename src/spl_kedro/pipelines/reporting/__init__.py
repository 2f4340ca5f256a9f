"""Gathers what the run found and writes the study report, its cards, tables and figures."""

from spl_kedro.pipelines.reporting.pipeline import create_pipeline

__all__ = ["create_pipeline"]
