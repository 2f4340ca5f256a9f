"""What is said of trained networks: whether they were nested, and what it costs not to."""

from __future__ import annotations

from spl_kedro.features.deep import DeepSettings
from spl_kedro.reporting.results import StudyResults

NESTED = (
    "Deep features come from networks trained anew inside every outer fold of the signatures: no "
    "training score depends on the label of the lesion it scores."
)
CROSS_FITTED_ONCE = (
    "Networks were cross-fitted once and not inside every outer fold (deep_features.nested: "
    "false), so that training scores of the models with deep features may be optimistic."
)


def nesting_statement(results: StudyResults) -> tuple[str, ...]:
    """Return what there is to say of a run's networks: nothing of frozen ones."""
    if "deep_features" not in results.parameters:
        return ()
    settings = DeepSettings.model_validate(results.parameters["deep_features"])
    if settings.frozen:
        return ()
    if settings.nests:
        return (NESTED,)
    leak = results.nesting_leak
    if leak is None or leak.empty:
        return (CROSS_FITTED_ONCE,)
    row = leak.iloc[0]
    return (
        f"{CROSS_FITTED_ONCE} What this can cost, measured on {row['draws']:d} cohorts with random "
        f"labels: networks that copy labels reach an AUC of {row['mean']:.3f} (standard error "
        f"{row['standard_error']:.3f}) in place of 0.5.",
    )
