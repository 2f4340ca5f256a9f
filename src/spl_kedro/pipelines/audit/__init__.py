"""Runs both protocols on shuffled labels, where the AUC of a protocol without leaks is one half."""

from spl_kedro.pipelines.audit.pipeline import create_pipeline

__all__ = ["create_pipeline"]
