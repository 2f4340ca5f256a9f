"""Simulated patients in place of a hospital's export."""

from spl_kedro.pipelines.simulation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
