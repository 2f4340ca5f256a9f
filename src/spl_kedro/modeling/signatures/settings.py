"""What a study may choose about its signatures and how they are validated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.modeling.signatures.declaration import (
    Kind,
    ModelSettings,
    ProtocolRules,
    SourceSettings,
    check_models,
    default_models,
    default_protocols,
    default_sources,
)
from spl_kedro.parameters import Settings


class SelectionSettings(Settings):
    """The selection steps of the image signatures, in their order."""

    min_icc: float = Field(
        0.75,
        ge=-1,
        le=1,
        description="lowest ICC between two readers of a radiomics feature kept; -1: any",
    )
    icc_bound: Literal["icc", "icc_low"] = Field(
        "icc", description="compare the ICC itself, or the lower end of its interval"
    )
    max_same: float = Field(
        0.95, gt=0, le=1, description="drop features with one value in more than this fraction"
    )
    univariate_test: Literal["auto", "welch", "mann_whitney"] = Field(
        "auto", description="test of each feature; auto: Welch's t where normal, else Mann-Whitney"
    )
    univariate_p: float = Field(0.05, gt=0, le=1, description="features with p below it are kept")
    fdr: bool = Field(False, description="control the false discovery rate (Benjamini-Hochberg)")
    max_correlation: float = Field(
        0.9, gt=0, le=1, description="of two features with |r| above it, the better is kept"
    )
    correlation: Literal["spearman", "pearson"] = Field("spearman", description="which correlation")
    mrmr_features: int = Field(
        0, ge=0, le=2000, description="features kept by mRMR before the LASSO; 0: no mRMR step"
    )
    lasso: bool = Field(True, description="select by cross-validated LASSO at the end")
    lasso_log10_alpha_min: float = Field(-3, ge=-6, le=0, description="weakest penalty, log10")
    lasso_log10_alpha_max: float = Field(0, ge=-3, le=3, description="strongest penalty, log10")
    lasso_alphas: int = Field(50, ge=5, le=500, description="penalties tried")
    lasso_folds: int = Field(10, ge=2, le=20, description="folds of the LASSO")
    lasso_one_standard_error: bool = Field(
        False, description="strongest penalty within one standard error of the best"
    )


class HarmonisationSettings(Settings):
    """Whether site effects are removed from the image features."""

    method: Literal["none", "combat"] = Field(
        "none", description="combat: fitted on the training lesions of every fold"
    )
    unseen_sites: Literal["leave", "own_moments"] = Field(
        "leave",
        description="features of sites not in training: left as they are, or brought to the "
        "training lesions' mean and spread by those of their own unlabelled lesions",
    )
    min_lesions: int = Field(
        10, ge=2, le=10_000, description="lesions a site needs for its effect to be estimated"
    )


class ClassifierSettings(Settings):
    """The classifier at the end of the image signatures."""

    kind: Kind = Field("linear_svm", description="which classifier; logistic: with a ridge penalty")
    C: float = Field(
        1.0,
        gt=0,
        le=1e4,
        description="inverse penalty of the SVMs and of logistic, where not tuned",
    )
    tune: bool = Field(
        True, description="choose the penalty inside the fold, by the AUC of lesions left out"
    )
    calibration_folds: int = Field(
        5,
        ge=2,
        le=10,
        description="folds that cross-fit the scores for tuning, calibration and fusion",
    )
    max_radial_lesions: int = Field(
        2000,
        ge=0,
        description="training lesions up to which radial_svm, whose cost grows with their square, "
        "is fitted; with more nystroem_svm takes its place, here, in the fusion and in protocols",
    )


class FusionSettings(Settings):
    """The classifier that joins the image score, as log-odds, with the clinical features."""

    kind: Kind = Field(
        "linear_svm", description="linear_svm and logistic are monotone in the image score"
    )
    C: float = Field(1.0, gt=0, le=1e4, description="inverse penalty, where not tuned")
    tune: bool = Field(True, description="choose the penalty inside the fold")


class ClinicalSettings(Settings):
    """The clinical model."""

    univariate_p: float = Field(
        0.05, gt=0, le=1, description="variables with p below it enter the multivariable model"
    )
    multivariable_p: float = Field(
        0.05, gt=0, le=1, description="variables with p below it there are the clinical features"
    )
    min_missing: int = Field(
        10, ge=1, le=10_000, description="missing values from which on a variable gets an indicator"
    )
    min_level: int = Field(
        5, ge=1, le=1000, description="rarer categories are joined with the most frequent one"
    )
    exclude: tuple[str, ...] = Field(
        (), description="clinical variables of the cohort table that no model may use"
    )


class ProtocolSettings(Settings):
    """How the signatures are validated."""

    n_splits: int = Field(5, ge=2, le=10, description="folds of the cross-fitting")
    n_repeats: int = Field(
        3, ge=1, le=50, description="repeats of the folds; training figures are means over them"
    )
    nested_cohorts: tuple[Literal["training", "validation"], ...] = Field(
        ("training",),
        min_length=1,
        description="cohorts pooled for the nested cross-validation of the whole chain",
    )
    clinical_bootstrap: int = Field(
        200, ge=0, le=5000, description="resamples of the clinical model's optimism correction"
    )


class SignatureSettings(Settings):
    """Everything about the study's signatures."""

    sources: dict[str, SourceSettings] = Field(
        default_factory=default_sources, description="sources of image features"
    )
    models: dict[str, ModelSettings] = Field(
        default_factory=default_models, description="the study's models, in their order"
    )
    protocols: dict[str, ProtocolRules] = Field(
        default_factory=default_protocols, description="what each protocol does with them"
    )
    harmonisation: HarmonisationSettings = HarmonisationSettings()
    selection: SelectionSettings = SelectionSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    fusion: FusionSettings = FusionSettings()
    clinical: ClinicalSettings = ClinicalSettings()
    protocol: ProtocolSettings = ProtocolSettings()
    seed: int = Field(20260324, ge=0, lt=2**32, description="seed of folds and classifiers")
    n_jobs: int = Field(
        2, ge=-1, le=256, description="processes; -1: one per core. Results do not depend on it"
    )

    @model_validator(mode="after")
    def _models_fit_together(self) -> SignatureSettings:
        check_models(self.models, self.sources)
        for key, rules in self.protocols.items():
            if rules.name != key:
                raise ValueError(f"protocols.{key}.name is '{rules.name}'; it must be '{key}'")
        return self

    def under(self, rules: ProtocolRules, n_lesions: int) -> SignatureSettings:
        """Return these settings with the classifiers that a protocol fits.

        Parameters
        ----------
        rules : ProtocolRules
            Whose own classifier, if it has one, is used in signatures and fusion.
        n_lesions : int
            The study's training lesions; with too many, `nystroem_svm` is named for `radial_svm`.
        """
        own = {} if rules.classifier is None else rules.classifier.model_dump()
        classifier = self.classifier.model_copy(update=own)
        fusion = self.fusion.model_copy(update=own)
        if n_lesions > self.classifier.max_radial_lesions:
            linear = {"kind": "nystroem_svm"}
            if classifier.kind == "radial_svm":
                classifier = classifier.model_copy(update=linear)
            if fusion.kind == "radial_svm":
                fusion = fusion.model_copy(update=linear)
        return self.model_copy(update={"classifier": classifier, "fusion": fusion})
