"""What a run can show for a checklist: each artefact, where it is, and whether it exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.selection import features_used
from spl_kedro.reporting.settings import ReportSettings

#: Before the catalog's names of an external validation.
VALIDATION = "external_validation"


class Evidence(NamedTuple):
    """An artefact that shows something.

    Attributes
    ----------
    label : str
        What it is, in words.
    anchor : str
        Section of the report.
    dataset : str
        Name in the catalog.
    present : bool
        Whether this run has it.
    """

    label: str
    anchor: str
    dataset: str
    present: bool


def study_evidence(results: StudyResults, settings: ReportSettings) -> dict[str, Evidence]:
    """Return every artefact the checklists may name.

    Parameters
    ----------
    results : StudyResults
    settings : ReportSettings

    Returns
    -------
    dict of str to Evidence
        Keyed by the names used in ``checklists/*.json``.
    """
    cohort, has, images = results.cohort, results.has, results.figures
    tested = set(results.performance["cohort"]) if results.performance is not None else set()
    read = results.findings is not None
    per_feature = f"at least {settings.lesions_per_feature:g} training lesions per feature"
    known = [
        ("flow", "cohort flow", "cohort-flow", "cohort", read),
        ("quarantine", "quarantined cases", "findings", "quarantine", read),
        ("partition", "disjoint cohorts", "cohort-flow", "cohort", _partitioned(results)),
        ("multi_centre", "centres", "cohort-flow", "cohort", cohort["site"].nunique() > 1),
        ("table_one", "Table 1", "table-one", "table_one", has("table_one")),
        (
            "feature_schema", "features by class", "stability", "radiomics_schema",
            has("radiomics_schema"),
        ),
        (
            "stability", "stability between outlines", "stability", "radiomics_stability",
            _stable(results),
        ),
        (
            "readers", "agreement of two readers", "stability", "radiomics_stability",
            _stable(results) and _drawn_by_readers(results),
        ),
        (
            "selection", "selection funnel", "selection", "selected_features",
            has("selected_features"),
        ),
        (
            "dimensionality", per_feature, "selection", "selected_features",
            suits_data_size(results, settings),
        ),
        ("performance", "performance", "models", "performance", has("performance")),
        ("intervals", "intervals", "models", "performance", _with_intervals(results)),
        ("internal_test", "validation cohort", "models", "performance", "validation" in tested),
        ("external_test", "external cohort", "models", "performance", "external" in tested),
        ("sample_size", "sample size", "sample-size", "sample_size", has("sample_size")),
        ("roc", "ROC curves", "roc", "roc_curves", has("roc_curves")),
        ("calibration", "calibration", "calibration", "calibration", has("calibration")),
        (
            "decision_curves", "decision curves", "decision-curves", "decision_curves",
            has("decision_curves"),
        ),
        ("comparisons", "DeLong comparisons", "comparisons", "comparisons", has("comparisons")),
        (
            "clinical_comparison", "comparison with the Clinical model", "comparisons",
            "comparisons", _compared_with_clinical(results),
        ),
        ("subgroups", "subgroups", "subgroups", "subgroups", has("subgroups")),
        ("clinical_use", "use in the clinic", "clinic", "clinical_use", has("clinical_use")),
        ("fairness", "fairness", "fairness", "fairness", has("fairness")),
        ("optimism", "optimism of an in-sample recipe", "optimism", "optimism", has("optimism")),
        ("odds_ratios", "odds ratios", "odds-ratios", "odds_ratios", has("odds_ratios")),
        ("nomogram", "nomogram and calculator", "nomogram", "nomogram", has("nomogram")),
        (
            "shap", "SHAP", "shap", "shap_importance",
            has("shap_importance") or _pictured(images, "shap"),
        ),
        (
            "gradcam", "Grad-CAM of right and wrong calls", "gradcam", "gradcam_panel",
            _pictured(images, "gradcam"),
        ),
        (
            "gradcam_checks", "sanity checks of the explanations", "sanity-checks",
            "gradcam_randomisation", has("gradcam_randomisation"),
        ),
        (
            "uncertainty", "prediction sets", "uncertainty", "conformal_coverage",
            has("conformal_coverage"),
        ),
        ("plan", "analysis plan", "analysis-plan", "analysis_plan", results.seal is not None),
        ("versions", "versions", "reproducibility", "study_report", bool(results.versions)),
        (
            "parameters", "resolved parameters", "reproducibility", "study_report",
            bool(results.parameters),
        ),
        ("model_card", "model card", "model-card", "model_card", True),
        ("data_sheet", "data sheet", "data-sheet", "data_sheet", True),
        ("checklists", "these checklists", "checklists", "checklists", True),
        (
            "frozen_study", "what is validated", "frozen-study", "applicability",
            results.frozen is not None,
        ),
        ("case_mix", "case mix", "case-mix", "case_mix", has("case_mix")),
        (
            "development_comparison", "comparison with development", "development",
            "development_comparison", has("development_comparison"),
        ),
    ]  # fmt: skip
    prefix = f"{VALIDATION}_" if results.frozen is not None else ""
    return {
        str(key): Evidence(str(label), str(anchor), f"{prefix}{dataset}", bool(here))
        for key, label, anchor, dataset, here in known
    }


def _partitioned(results: StudyResults) -> bool:
    cohort = results.cohort
    together = (cohort.groupby("patient_id")["cohort"].nunique() == 1).all()
    return cohort["cohort"].nunique() > 1 and bool(together)


def _with_intervals(results: StudyResults) -> bool:
    table = results.performance
    return table is not None and bool(table.loc[table["metric"] == "auc", "low"].notna().any())


def suits_data_size(results: StudyResults, settings: ReportSettings) -> bool:
    """Whether every leak-free model has enough training lesions per selected feature."""
    table = results.selection_funnel
    largest = max(features_used(table).values(), default=0) if table is not None else 0
    if not largest:
        return False
    training = int((results.cohort["cohort"] == "training").sum())
    return training >= settings.lesions_per_feature * largest


def _stable(results: StudyResults) -> bool:
    table = results.stability
    return table is not None and bool(table["icc"].notna().any())


def _drawn_by_readers(results: StudyResults) -> bool:
    """Whether a second reader drew outlines, rather than the first one's being perturbed."""
    table = results.stability
    return table is not None and set(table.get("source", [])) != {"perturbed outlines"}


def _compared_with_clinical(results: StudyResults) -> bool:
    table = results.comparisons
    if table is None or table.empty:
        return False
    return bool((table["model_a"].eq("clinical") | table["model_b"].eq("clinical")).any())


def _pictured(figures: Mapping[str, object], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in figures)
