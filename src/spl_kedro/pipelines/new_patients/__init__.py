"""Simulates a few new patients, whose diagnosis nobody knows, for the inference pipeline."""

from spl_kedro.pipelines.new_patients.pipeline import create_pipeline

__all__ = ["create_pipeline"]
