"""The step that registers a packaged study."""

from __future__ import annotations

from spl_kedro.pipelines.serve_study.parameters import ServingParameters
from spl_kedro.pipelines.types import Registration


def register_study(package: bytes, parameters: ServingParameters) -> Registration:
    """Name what is to be registered; the catalog's dataset registers it when it is saved."""
    from spl_kedro.serving.register import Registration

    return Registration(package, parameters.name, parameters.alias)
