"""The project's pipelines by name; the default is the whole study on simulated patients."""

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline


def register_pipelines() -> dict[str, Pipeline]:
    """Return every pipeline by name; ``__default__`` is simulation followed by the study."""
    pipelines = find_pipelines(raise_errors=True)
    if "simulation" in pipelines and "cdlr" in pipelines:
        pipelines["__default__"] = pipelines["simulation"] + pipelines["cdlr"]
    return pipelines
