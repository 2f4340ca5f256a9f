"""Parameters of the outline_robustness pipeline."""

from spl_kedro.sceptic.outlines.settings import OutlineSettings


class OutlineParameters(OutlineSettings):
    """Which outlines the fitted models are asked about (``params:outline_robustness``)."""
