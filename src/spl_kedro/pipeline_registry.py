"""The project's pipelines by name; the default is the whole study on simulated patients."""

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline

from spl_kedro.pipelines.grouping import grouped

STUDY = "cdlr"
# These group their own steps.
COMPOSITES = (STUDY, "extended", "outline_comparison", "sceptic", "unseal")


def register_pipelines() -> dict[str, Pipeline]:
    """Return every pipeline by name; ``__default__`` is simulation followed by the study."""
    found = find_pipelines(raise_errors=True)
    pipelines = {
        name: pipeline if name in COMPOSITES else grouped(name, pipeline)
        for name, pipeline in found.items()
        if name != "__default__"
    }
    if "simulation" in pipelines and STUDY in pipelines:
        pipelines["__default__"] = pipelines["simulation"] + pipelines[STUDY]
    return pipelines
