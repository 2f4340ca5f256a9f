"""The composite pipeline: every examination of a fitted study, then the report anew."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from kedro.pipeline import Pipeline

from spl_kedro.pipelines import controls, prediction_stability, reporting
from spl_kedro.pipelines.grouping import grouped

#: By name, what examines a fitted study and writes tables `sceptic_<name>`.
EXAMINATIONS: dict[str, ModuleType] = {
    "controls": controls,
    "prediction_stability": prediction_stability,
}
#: Further ones of that kind, whose folder can be deleted.
ADDITIONS = ("outline_robustness",)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    added = {
        name: import_module(f"spl_kedro.pipelines.{name}")
        for name in ADDITIONS
        if find_spec(f"spl_kedro.pipelines.{name}") is not None
    }
    steps = EXAMINATIONS | added | {"reporting": reporting}
    return sum(
        (grouped(name, step.create_pipeline()) for name, step in steps.items()), start=Pipeline([])
    )
