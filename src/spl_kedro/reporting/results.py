"""Everything a study found, gathered for its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from spl_kedro.cohort.names import without_file_names
from spl_kedro.modeling.evaluation.model_names import MODEL_NAMES
from spl_kedro.modeling.evaluation.settings import Pooling
from spl_kedro.modeling.evaluation.units import pooling_of
from spl_kedro.modeling.signatures.declaration import ModelSettings, model_titles, titled
from spl_kedro.reporting.parts import Section
from spl_kedro.schemas import COHORTS, is_simulated
from spl_kedro.sealing.state import SealState


@dataclass(frozen=True)
class FrozenStudy:
    """What is told of a packaged study that another cohort validates.

    Attributes
    ----------
    study_id : str
        16 digits of its parts' checksum.
    simulated : bool
        Whether it learnt from simulated patients.
    sites : tuple of str
        Where its patients came from.
    models : tuple of str
    cuts : mapping of str to tuple of float
        Where its numeric variables are cut into subgroups.
    versions : mapping of str to str
        Programs it was made with.
    settings : mapping of str to Any
        How it reads images: parameters of ``radiomics`` and ``deep_features``.
    intended_use : str
    titles : mapping of str to str
        What its models are called for readers.
    """

    study_id: str
    simulated: bool
    sites: tuple[str, ...]
    models: tuple[str, ...]
    cuts: Mapping[str, tuple[float, ...]]
    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    intended_use: str
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyResults:
    """Tables and figures of one run; only the cohort is required.

    A part that is None was not computed in this run, and the report says so in its place.

    Attributes
    ----------
    cohort : DataFrame
        ``schemas.Cohort``, index lesion_id.
    findings : DataFrame or None
        ``schemas.Findings``: what every stage found, and what was done about it.
    cohort_flow : DataFrame or None
        Lesions analysed and left out (``reporting.flow.count_lesions``).
    quality : DataFrame or None
        ``schemas.Quality``: what each check of image quality measured of each image.
    leaks : DataFrame or None
        ``schemas.Leaks``: what was looked at that could give the label away, and what is listed.
    duplicates : DataFrame or None
        ``schemas.Duplicates``: which images are copies of each other.
    table_one : DataFrame or None
        comparison, variable, category, missing, group, value, p_value
        (``spl_kedro.cohort.table_one``).
    radiomics_schema : DataFrame or None
        Index feature; feature_class, image_type, degenerate.
    stability : DataFrame or None
        Index feature; icc, icc_low, icc_high, stable, threshold.
    feature_summary, selection_funnel : DataFrame or None
        As ``reporting.summaries`` and ``reporting.selection`` give them.
    selected_features : DataFrame or None
        protocol, model, feature, kept, step, reason, statistic, fold_frequency
        (``spl_kedro.modeling.signatures.summary``).
    performance, roc_curves, calibration, decision_curves : DataFrame or None
    added_value, comparisons, subgroups, optimism : DataFrame or None
    thresholds, zone_scores, clinical_use, clinical_use_by_prevalence : DataFrame or None
    verification_bias, reference_errors, fairness : DataFrame or None
        As ``spl_kedro.modeling.evaluation`` gives them.
    sample_size : DataFrame or None
        As ``spl_kedro.modeling.evaluation`` gives it.
    nested_performance, clinical_optimism : DataFrame or None
        Internal validation, as ``spl_kedro.modeling.signatures`` gives it.
    nesting_leak : DataFrame or None
        What networks leak that are not nested, as ``spl_kedro.modeling.signatures`` gives it.
    odds_ratios : DataFrame or None
        stage, variable, term, odds_ratio and interval, p_value, method of the clinical model.
    additive_models, additive_terms, nomogram, nomogram_scale : DataFrame or None
    shap_importance, shap_additivity, shap_agreement, shap_shuffled_labels : DataFrame or None
    gradcam_energy, gradcam_summary : DataFrame or None
    gradcam_randomisation, gradcam_shuffled_labels : DataFrame or None
    conformal_coverage : DataFrame or None
        As ``spl_kedro.explainability`` gives them.
    seal : SealState or None
        The analysis plan and how it was kept; None of a study that never had one.
    frozen : FrozenStudy or None
        The study that the cohort validates; None where the run fitted its own models.
    variables, applicability, case_mix, membership, development_comparison : DataFrame or None
        Of an external validation, as ``spl_kedro.deployment`` gives them.
    threshold_benefit : DataFrame or None
        As ``spl_kedro.modeling.evaluation`` gives it.
    sceptic : mapping of str to DataFrame
        By name what the pipeline ``sceptic`` found about this study; what it has not computed, or
        computed for other models, is not in it.
    further_sections : sequence of Section
        What pipelines that no study needs wrote of this one.
    figures : mapping of str to image
        Ready-made pictures by name (``shap_beeswarm``, ``gradcam_panel``, ``sanity_checks``,
        ``conformal`` and the like, see ``sections.explanation``; ``roc_validation`` and the like,
        see ``sections.tables.panels_of``): a stored figure, bytes of a PNG, a PIL image, a
        matplotlib figure or an array of uint8.
    parameters : mapping of str to Any
        Resolved parameters of the run, by pipeline, as plain mappings.
    versions : mapping of str to str
        Version of each program; ``git_commit`` where known.
    durations : mapping of str to mapping of str to float
        Seconds each step took to ``load``, ``run`` and ``save``.
    """

    cohort: pd.DataFrame
    findings: pd.DataFrame | None = None
    cohort_flow: pd.DataFrame | None = None
    quality: pd.DataFrame | None = None
    leaks: pd.DataFrame | None = None
    duplicates: pd.DataFrame | None = None
    table_one: pd.DataFrame | None = None
    radiomics_schema: pd.DataFrame | None = None
    stability: pd.DataFrame | None = None
    selected_features: pd.DataFrame | None = None
    feature_summary: pd.DataFrame | None = None
    selection_funnel: pd.DataFrame | None = None
    performance: pd.DataFrame | None = None
    roc_curves: pd.DataFrame | None = None
    added_value: pd.DataFrame | None = None
    comparisons: pd.DataFrame | None = None
    calibration: pd.DataFrame | None = None
    decision_curves: pd.DataFrame | None = None
    subgroups: pd.DataFrame | None = None
    thresholds: pd.DataFrame | None = None
    zone_scores: pd.DataFrame | None = None
    clinical_use: pd.DataFrame | None = None
    clinical_use_by_prevalence: pd.DataFrame | None = None
    verification_bias: pd.DataFrame | None = None
    reference_errors: pd.DataFrame | None = None
    fairness: pd.DataFrame | None = None
    optimism: pd.DataFrame | None = None
    sample_size: pd.DataFrame | None = None
    nested_performance: pd.DataFrame | None = None
    clinical_optimism: pd.DataFrame | None = None
    nesting_leak: pd.DataFrame | None = None
    odds_ratios: pd.DataFrame | None = None
    additive_models: pd.DataFrame | None = None
    additive_terms: pd.DataFrame | None = None
    nomogram: pd.DataFrame | None = None
    nomogram_scale: pd.DataFrame | None = None
    shap_importance: pd.DataFrame | None = None
    shap_additivity: pd.DataFrame | None = None
    shap_agreement: pd.DataFrame | None = None
    shap_shuffled_labels: pd.DataFrame | None = None
    gradcam_energy: pd.DataFrame | None = None
    gradcam_summary: pd.DataFrame | None = None
    gradcam_randomisation: pd.DataFrame | None = None
    gradcam_shuffled_labels: pd.DataFrame | None = None
    conformal_coverage: pd.DataFrame | None = None
    seal: SealState | None = None
    frozen: FrozenStudy | None = None
    variables: pd.DataFrame | None = None
    applicability: pd.DataFrame | None = None
    case_mix: pd.DataFrame | None = None
    membership: pd.DataFrame | None = None
    development_comparison: pd.DataFrame | None = None
    threshold_benefit: pd.DataFrame | None = None
    sceptic: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    further_sections: Sequence[Section] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    durations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = {"patient_id", "site", "label", "cohort", "simulated"} - set(self.cohort.columns)
        if missing:
            raise ValueError(
                f"the cohort table lacks {', '.join(sorted(missing))}: pass the `cohort` that "
                "data_processing made"
            )
        if self.findings is not None:
            # Set past the frozen class: nothing that follows sees a hospital's file name.
            told = self.findings["message"].astype("str").map(without_file_names)
            findings = self.findings.assign(message=told.astype("str"))
            object.__setattr__(self, "findings", findings)

    @property
    def simulated(self) -> bool:
        """Whether the patients are called simulated; see ``schemas.is_simulated``."""
        return is_simulated(self.cohort)

    @property
    def cohorts(self) -> list[str]:
        """The cohorts that occur, training first."""
        present = set(self.cohort["cohort"])
        return [name for name in COHORTS if name in present]

    @property
    def pooling(self) -> Pooling:
        """How the scores of a patient's images became the one that was evaluated."""
        return "none" if self.thresholds is None else pooling_of(self.thresholds)

    @property
    def sealed(self) -> bool:
        """Whether lesions outside the training cohort are sealed, and none of them is shown."""
        return self.seal is not None and bool(self.seal.kept) and self.cohorts == ["training"]

    @property
    def without_clinical(self) -> bool:
        """Whether the study fitted its models without a clinical one, for want of variables."""
        table = self.performance
        if self.frozen is not None:
            return False
        return table is not None and len(table) > 0 and "clinical" not in set(table["model"])

    def modeling(self, part: str) -> Mapping[str, Any]:
        """Return a part of the parameters of modeling; empty where they are not known."""
        return self.parameters.get("modeling", {}).get(part, {})

    def titled(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table to be shown, in which models beside the publication's have their names."""
        return titled(table, self._declared())

    def _declared(self) -> dict[str, ModelSettings]:
        declared = self.modeling("models").items()
        return {name: ModelSettings.model_validate(own) for name, own in declared}

    def called(self, model: str) -> str:
        """Return a model's name for readers: of one beside the publication's, as declared."""
        frozen = self.frozen
        titles = model_titles(self._declared()) if frozen is None else frozen.titles
        return titles.get(model) or str(MODEL_NAMES[model])

    def has(self, name: str) -> bool:
        """Whether the table of that attribute is there and has rows."""
        table = getattr(self, name)
        return table is not None and len(table) > 0
