"""The study with additions: more sources of features, of pipelines that the study does not need."""

from spl_kedro.pipelines.extended.pipeline import create_pipeline

__all__ = ["create_pipeline"]
