"""Parameters of the realism pipeline."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.sceptic.realism.settings import RealismSettings


class RealismParameters(RealismSettings):
    """What is compared (``params:realism``), and by how many processes."""

    n_jobs: int = Field(
        2, ge=-1, le=256, description="processes, an image each; results do not depend on it"
    )
