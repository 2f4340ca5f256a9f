"""The models of the study, built from settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import clone

from spl_kedro.schemas import ALL_MODELS
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
from spl_kedro.signatures.settings import (
    ClassifierSettings,
    FusionSettings,
    SelectionSettings,
    SignatureSettings,
)
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
    columns: list[str], table: StudyTable, settings: SignatureSettings
) -> FeatureSignature:
    """Return the unfitted image signature of the leak-free protocol on some features."""
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


def study_models(
    table: StudyTable,
    settings: SignatureSettings,
    images: Mapping[str, FeatureSignature],
    *,
    cross_fit: bool = True,
) -> dict[str, Any]:
    """Return the study's unfitted models, built from its image signatures.

    The five of the publication, and those that show what each part adds: the clinical
    features with one image signature alone, and, where the study has clinical variables of
    both groups, Clinical and CDLR on what is known before the image is read.

    Parameters
    ----------
    table : StudyTable
        Tells which columns belong to whom; nothing is fitted on it here.
    settings : SignatureSettings
    images : mapping of str to FeatureSignature
        ``rad``, ``dtl`` and ``dlr``; models of an absent one are left out.
    cross_fit : bool
        Whether fusions learn from cross-fitted scores.

    Returns
    -------
    dict of str to estimator
        In the order of :data:`spl_kedro.schemas.ALL_MODELS`.
    """

    def fused(image: str, variables: list[str]) -> FusionSignature:
        return FusionSignature(
            image=clone(images[image]),
            clinical=clinical_signature(variables, settings),
            classifier=classifier_of(settings, settings.fusion),
            cross_fit=cross_fit,
        )

    models: dict[str, Any] = dict(images)
    if "dlr" in images:
        models["cdlr"] = fused("dlr", table.clinical)
    if table.clinical:
        models["clinical"] = clinical_signature(table.clinical, settings)
        parts = [image for image in ("rad", "dtl") if image in images]
        models |= {f"clinical_{image}": fused(image, table.clinical) for image in parts}
    before = table.known_before
    if before and len(before) < len(table.clinical):
        models["clinical_before"] = clinical_signature(before, settings)
        if "dlr" in images:
            models["cdlr_before"] = fused("dlr", before)
    return {name: models[name] for name in ALL_MODELS if name in models}


def leak_free_models(table: StudyTable, settings: SignatureSettings) -> dict[str, Any]:
    """Return the unfitted models of the leak-free protocol; see :func:`study_models`."""
    families = {
        "rad": table.radiomics,
        "dtl": table.deep,
        "dlr": [*table.radiomics, *table.deep],
    }
    images = {name: image_signature(columns, table, settings) for name, columns in families.items()}
    return study_models(table, settings, images)
