"""Parameters of the serve_study pipeline."""

from pydantic import Field

from spl_kedro.parameters import Settings


class ServingParameters(Settings):
    """Under which name the study is registered; the path is read by the catalog."""

    study: str | None = Field(None, description="packaged study; null: this environment's own")
    name: str = Field("spl-cdlr", pattern=r"^[\w-]+$", description="of the registered model")
    alias: str = Field("champion", pattern=r"^[a-z][\w-]*$", description="that the version gets")
