"""Deep-transfer-learning features of every lesion."""

from spl_kedro.pipelines.deep_features.pipeline import create_pipeline

__all__ = ["create_pipeline"]
