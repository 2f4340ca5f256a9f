"""Typed parameters of the explainability pipeline."""

from spl_kedro.explainability.settings import ExplainabilitySettings


class ExplainabilityParameters(ExplainabilitySettings):
    """How the study is explained (``params:explainability``)."""
