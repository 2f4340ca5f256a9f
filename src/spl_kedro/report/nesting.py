"""What is said of trained networks: whether they were nested, and what it costs not to."""

from __future__ import annotations

from spl_kedro.features.deep import DeepSettings
from spl_kedro.report.results import StudyResults

#: AUC of label-copying networks cross-fitted once, on random labels: `make audit`, 30 draws.
LEAK = "0.564 (standard error 0.012)"

NESTED = (
    "Deep features come from networks trained anew inside every outer fold of the signatures: no "
    "training score depends on the label of the lesion it scores."
)
CROSS_FITTED_ONCE = (
    "Networks were cross-fitted once and not inside every outer fold (deep_features.nested: "
    "false), so that training scores of the models with deep features may be optimistic: where "
    f"nothing can be known, networks that copy labels reach an AUC of {LEAK} in place of 0.5."
)


def nesting_statement(results: StudyResults) -> tuple[str, ...]:
    """Return what there is to say of a run's networks: nothing of frozen ones."""
    if "deep_features" not in results.parameters:
        return ()
    settings = DeepSettings.model_validate(results.parameters["deep_features"])
    if settings.frozen:
        return ()
    return (NESTED if settings.nests else CROSS_FITTED_ONCE,)
