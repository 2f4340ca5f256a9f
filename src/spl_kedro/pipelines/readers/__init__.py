"""Compares what readers see with and without the tool: the MRMC analysis of a reader study."""

from spl_kedro.pipelines.readers.pipeline import create_pipeline

__all__ = ["create_pipeline"]
