"""Other learners of the study's table, in its own folds, for studies that are extended by them."""

from spl_kedro.pipelines.tabular_learners.pipeline import create_pipeline

__all__ = ["create_pipeline"]
