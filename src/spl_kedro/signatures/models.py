"""The five models of the study, built from settings."""

from __future__ import annotations

from typing import Any

from spl_kedro.schemas import MODELS
from spl_kedro.signatures.classifier import ProbabilityClassifier
from spl_kedro.signatures.clinical import ClinicalSignature
from spl_kedro.signatures.feature import FeatureSignature
from spl_kedro.signatures.fusion import FusionSignature
from spl_kedro.signatures.harmonisation import SiteHarmonizer
from spl_kedro.signatures.selection import (
    CorrelationFilter,
    LassoSelector,
    MinimumRedundancySelector,
    SelectionSequence,
    StabilityFilter,
    UnivariateFilter,
    VarianceFilter,
)
from spl_kedro.signatures.settings import SelectionSettings, SignatureSettings
from spl_kedro.signatures.study_table import StudyTable


def filter_steps(settings: SelectionSettings, icc: Any) -> list[tuple[str, Any]]:
    """Return the steps before the LASSO: stability, variance, univariate, correlation, mRMR."""
    steps: list[tuple[str, Any]] = [
        ("stability", StabilityFilter(dict(icc), settings.min_icc)),
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


def classifier_of(settings: SignatureSettings) -> ProbabilityClassifier:
    """Return the unfitted classifier the settings name."""
    chosen = settings.classifier
    return ProbabilityClassifier(
        kind=chosen.kind,
        C=chosen.C,
        tune=chosen.tune,
        cv=chosen.calibration_folds,
        random_state=settings.seed,
    )


def harmonizer_of(settings: SignatureSettings) -> SiteHarmonizer | None:
    """Return the unfitted harmonizer the settings name, or None."""
    chosen = settings.harmonisation
    return SiteHarmonizer(chosen.min_lesions) if chosen.method == "combat" else None


def clinical_signature(table: StudyTable, settings: SignatureSettings) -> ClinicalSignature:
    """Return the unfitted clinical model."""
    chosen = settings.clinical
    return ClinicalSignature(
        columns=list(table.clinical),
        univariate_p=chosen.univariate_p,
        multivariable_p=chosen.multivariable_p,
        min_missing=chosen.min_missing,
        min_level=chosen.min_level,
    )


def five_models(table: StudyTable, settings: SignatureSettings) -> dict[str, Any]:
    """Return the five unfitted models of the leak-free protocol.

    Parameters
    ----------
    table : StudyTable
        Tells which columns belong to whom; nothing is fitted on it here.
    settings : SignatureSettings

    Returns
    -------
    dict of str to estimator
        In the order of :data:`spl_kedro.schemas.MODELS`; without the clinical model where the
        study has no clinical variable.
    """

    def image(columns: list[str]) -> FeatureSignature:
        steps = filter_steps(settings.selection, table.icc)
        steps += lasso_steps(settings.selection, settings.seed)
        return FeatureSignature(
            columns,
            SelectionSequence(steps),
            classifier_of(settings),
            cv=settings.classifier.calibration_folds,
            random_state=settings.seed,
            harmonizer=harmonizer_of(settings),
        )

    models = {
        "clinical": clinical_signature(table, settings),
        "rad": image(table.radiomics),
        "dtl": image(table.deep),
        "dlr": image([*table.radiomics, *table.deep]),
        "cdlr": FusionSignature(
            image=image([*table.radiomics, *table.deep]),
            clinical=clinical_signature(table, settings),
            classifier=classifier_of(settings),
        ),
    }
    available = MODELS if table.clinical else [name for name in MODELS if name != "clinical"]
    return {name: models[name] for name in available}
