"""Packages the fitted study as one file that travels."""

from spl_kedro.pipelines.package_study.pipeline import create_pipeline

__all__ = ["create_pipeline"]
