"""Runs both protocols on shuffled labels, where every honest AUC is one half."""

from spl_kedro.pipelines.audit.pipeline import create_pipeline

__all__ = ["create_pipeline"]
