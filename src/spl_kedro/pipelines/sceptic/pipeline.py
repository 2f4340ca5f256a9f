"""The composite pipeline: every examination of a fitted study, then the report anew."""

from types import ModuleType

from kedro.pipeline import Pipeline

from spl_kedro.pipelines import controls, prediction_stability, reporting
from spl_kedro.pipelines.grouping import grouped

#: By name, what examines a fitted study and writes tables `sceptic_<name>`.
EXAMINATIONS: dict[str, ModuleType] = {
    "controls": controls,
    "prediction_stability": prediction_stability,
}


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    steps = EXAMINATIONS | {"reporting": reporting}
    return sum(
        (grouped(name, step.create_pipeline()) for name, step in steps.items()), start=Pipeline([])
    )
