"""Unfitted models and their steps, built from settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.harmonisation import SiteHarmonizer
from spl_kedro.modeling.signatures.missing import MedianFill
from spl_kedro.modeling.signatures.reduction import SourceReduction
from spl_kedro.modeling.signatures.selection import (
    CorrelationFilter,
    LassoSelector,
    MinimumRedundancySelector,
    SelectionSequence,
    StabilityFilter,
    UnivariateFilter,
    VarianceFilter,
)
from spl_kedro.modeling.signatures.settings import (
    ClassifierSettings,
    FusionSettings,
    SelectionSettings,
    SignatureSettings,
)
from spl_kedro.modeling.signatures.sources import FeatureSource


def filter_steps(settings: SelectionSettings, icc: Mapping[str, float]) -> list[tuple[str, Any]]:
    """Return the steps before the LASSO: stability, variance, univariate, correlation, mRMR."""
    steps: list[tuple[str, Any]] = [
        # Arrays are stored, copied and compared as one object each.
        (
            "stability",
            StabilityFilter(np.array(list(icc), str), np.array([*icc.values()]), settings.min_icc),
        ),
        ("variance", VarianceFilter(max_same=settings.max_same)),
        (
            "univariate",
            UnivariateFilter(settings.univariate_test, settings.univariate_p, settings.fdr),
        ),
        ("correlation", CorrelationFilter(settings.max_correlation, settings.correlation)),
    ]
    if settings.mrmr_features:
        step = MinimumRedundancySelector(settings.mrmr_features, settings.correlation)
        steps.append(("mrmr", step))
    return steps


def lasso_steps(settings: SelectionSettings, seed: int) -> list[tuple[str, Any]]:
    """Return the LASSO step, or nothing when the settings leave it out."""
    if not settings.lasso:
        return []
    step = LassoSelector(
        log10_alpha_min=settings.lasso_log10_alpha_min,
        log10_alpha_max=settings.lasso_log10_alpha_max,
        n_alphas=settings.lasso_alphas,
        cv=settings.lasso_folds,
        one_standard_error=settings.lasso_one_standard_error,
        random_state=seed,
    )
    return [("lasso", step)]


def classifier_of(
    settings: SignatureSettings, chosen: ClassifierSettings | FusionSettings | None = None
) -> ProbabilityClassifier:
    """Return the unfitted classifier of the image signatures, or the fusion's if `chosen`."""
    chosen = settings.classifier if chosen is None else chosen
    return ProbabilityClassifier(
        kind=chosen.kind,
        C=chosen.C,
        tune=chosen.tune,
        cv=settings.classifier.calibration_folds,
        random_state=settings.seed,
    )


def harmonizer_of(settings: SignatureSettings) -> SiteHarmonizer | None:
    """Return the unfitted harmonizer the settings name, or None."""
    chosen = settings.harmonisation
    return SiteHarmonizer(chosen.min_lesions) if chosen.method == "combat" else None


def clinical_signature(variables: list[str], settings: SignatureSettings) -> ClinicalSignature:
    """Return the unfitted clinical model on some clinical variables."""
    chosen = settings.clinical
    return ClinicalSignature(
        columns=list(variables),
        univariate_p=chosen.univariate_p,
        multivariable_p=chosen.multivariable_p,
        min_missing=chosen.min_missing,
        min_level=chosen.min_level,
    )


def image_signature(
    columns: list[str],
    stability: Mapping[str, float],
    settings: SignatureSettings,
    *,
    filters: bool = True,
    cross_fitted: bool = True,
    harmonise: bool = True,
    reduction: SourceReduction | None = None,
    fill: MedianFill | None = None,
) -> FeatureSignature:
    """Return an unfitted image signature on some features.

    Parameters
    ----------
    columns : list of str
    stability : mapping of str to float
        ICC of the features that have one.
    settings : SignatureSettings
    filters : bool
        Whether the filters before the LASSO are part of the fit.
    cross_fitted : bool
        Whether penalty and calibration come from scores of lesions left out.
    harmonise : bool
        Whether the settings' harmonisation applies.
    reduction : SourceReduction, optional
        First step of the fit, see :func:`source_reduction`.
    fill : MedianFill, optional
        What stands for missing values, see :func:`source_fill`.
    """
    steps = filter_steps(settings.selection, stability) if filters else []
    steps += lasso_steps(settings.selection, settings.seed)
    return FeatureSignature(
        np.asarray(columns, dtype=str),
        SelectionSequence(steps),
        classifier_of(settings),
        cv=settings.classifier.calibration_folds if cross_fitted else None,
        random_state=settings.seed,
        harmonizer=harmonizer_of(settings) if harmonise else None,
        reduction=reduction,
        fill=fill,
    )


def source_fill(sources: Iterable[FeatureSource]) -> MedianFill | None:
    """Return the unfitted stand-in for missing values of sources that may have some, or None."""
    columns = [
        column
        for source in sources
        if source.missing == "median"
        for column in source.allowed(degenerate=True)
    ]
    return MedianFill(np.asarray(columns, dtype=str)) if columns else None


def source_reduction(sources: Iterable[FeatureSource]) -> SourceReduction | None:
    """Return the unfitted reduction of the sources that are reduced; None if none is."""
    wide = {
        source.name: source
        for source in sources
        if source.components is not None and source.columns
    }
    if not wide:
        return None
    return SourceReduction(
        columns={name: np.asarray(s.columns, dtype=str) for name, s in wide.items()},
        components={name: int(source.components or 0) for name, source in wide.items()},
        names={name: source.component_names for name, source in wide.items()},
    )
