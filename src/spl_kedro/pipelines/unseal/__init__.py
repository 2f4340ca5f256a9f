"""Looks at the sealed lesions once: scores them by the stored models, evaluates and reports."""

from spl_kedro.pipelines.unseal.pipeline import create_pipeline

__all__ = ["create_pipeline"]
