"""Parameters of the controls pipeline."""

from spl_kedro.sceptic.controls.settings import ControlSettings


class ControlParameters(ControlSettings):
    """The negative controls (``params:controls``)."""
