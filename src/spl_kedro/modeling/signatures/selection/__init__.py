"""Feature selection steps that remember what they dropped, and why."""

from spl_kedro.modeling.signatures.selection.lasso import LassoSelector
from spl_kedro.modeling.signatures.selection.redundancy import (
    CorrelationFilter,
    MinimumRedundancySelector,
)
from spl_kedro.modeling.signatures.selection.sequence import SelectionSequence
from spl_kedro.modeling.signatures.selection.univariate import UnivariateFilter
from spl_kedro.modeling.signatures.selection.unsupervised import StabilityFilter, VarianceFilter

__all__ = [
    "CorrelationFilter",
    "LassoSelector",
    "MinimumRedundancySelector",
    "SelectionSequence",
    "StabilityFilter",
    "UnivariateFilter",
    "VarianceFilter",
]
