"""The reporting pipeline: what the run found in; report, cards, tables and figures out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.reporting import nodes

PARAMETERS = "params:reporting"

#: What finds something about cases, in the order of a run.
STAGES = ("data_processing", "leaks", "radiomics", "deep", "labels")
#: Attribute of `StudyResults` -> name in the catalog.
INPUTS = {
    "cohort": "cohort",
    "parameters": "parameters",
    "durations": "run_durations",
    "predictions": "predictions",
    "findings": "findings",
    "seal": "seal_state",
    "cohort_flow": "cohort_flow",
    "quality": "quality",
    "leaks": "leaks",
    "duplicates": "duplicates",
    "table_one": "table_one",
    "radiomics_schema": "radiomics_schema",
    "stability": "radiomics_stability",
    "selected_features": "selected_features",
    "feature_summary": "feature_summary",
    "selection_funnel": "selection_funnel",
    "performance": "performance",
    "roc_curves": "roc_curves",
    "added_value": "added_value",
    "comparisons": "comparisons",
    "calibration": "calibration",
    "decision_curves": "decision_curves",
    "subgroups": "subgroups",
    "thresholds": "thresholds",
    "zone_scores": "zone_scores",
    "clinical_use": "clinical_use",
    "clinical_use_by_prevalence": "clinical_use_by_prevalence",
    "verification_bias": "verification_bias",
    "reference_errors": "reference_errors",
    "fairness": "fairness",
    "optimism": "optimism",
    "sample_size": "sample_size",
    "nested_performance": "nested_performance",
    "clinical_optimism": "clinical_optimism",
    "nesting_leak": "nesting_leak",
    "odds_ratios": "odds_ratios",
    "additive_models": "additive_models",
    "additive_terms": "additive_terms",
    "nomogram": "nomogram",
    "nomogram_scale": "nomogram_scale",
    "shap_importance": "shap_importance",
    "shap_additivity": "shap_additivity",
    "shap_agreement": "shap_agreement",
    "shap_shuffled_labels": "shap_shuffled_labels",
    "gradcam_energy": "gradcam_energy",
    "gradcam_summary": "gradcam_summary",
    "gradcam_randomisation": "gradcam_randomisation",
    "gradcam_shuffled_labels": "gradcam_shuffled_labels",
    "conformal_coverage": "conformal_coverage",
    "picture_duplicates": "duplicates_figure",
    "picture_forest": "forest_figure",
    "picture_roc_validation": "roc_figure",
    "picture_calibration_validation": "calibration_figure",
    "picture_decision_curve_validation": "decision_curve_figure",
    "picture_delong_validation": "delong_figure",
    "picture_added_value_validation": "added_value_figure",
    "sceptic_controls": "sceptic_controls",
    "sceptic_instability": "sceptic_instability",
    "sceptic_instability_summary": "sceptic_instability_summary",
    "sceptic_instability_cells": "sceptic_instability_cells",
    "sceptic_instability_curves": "sceptic_instability_curves",
    "picture_shap_beeswarm": "shap_beeswarm",
    "picture_shap_bar": "shap_bar",
    "picture_shap_dependence": "shap_dependence",
    "picture_shap_waterfalls": "shap_waterfalls",
    "picture_gradcam_panel": "gradcam_panel",
    "picture_gradcam_energy": "gradcam_energy_figure",
    "picture_sanity_checks": "sanity_figure",
    "picture_conformal": "conformal_figure",
    "picture_nomogram": "nomogram_figure",
}


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.gather_findings,
                inputs=[f"{stage}_findings" for stage in STAGES],
                outputs=["findings", "quarantine"],
                name="gather_findings",
            ),
            Node(
                nodes.count_flow,
                inputs=["cohort", "findings"],
                outputs="cohort_flow",
                name="count_flow",
            ),
            Node(
                nodes.summarise_features,
                inputs=["radiomics_schema", "radiomics_stability", "selected_features"],
                outputs=["feature_summary", "selection_funnel"],
                name="summarise_features",
            ),
            Node(
                nodes.gather_results, inputs=INPUTS, outputs="study_results", name="gather_results"
            ),
            Node(
                nodes.make_sections,
                inputs=["study_results", PARAMETERS, "params:modeling.n_jobs"],
                outputs="report_sections",
                name="make_report_sections",
            ),
            Node(
                nodes.write_report,
                inputs=["study_results", "report_sections", PARAMETERS],
                outputs="study_report",
                name="write_study_report",
            ),
            Node(
                nodes.write_calculator,
                inputs=["study_results", PARAMETERS],
                outputs="calculator",
                name="write_calculator",
            ),
            Node(
                nodes.write_cards,
                inputs=["study_results", PARAMETERS],
                outputs=["model_card", "data_sheet", "checklists"],
                name="write_cards",
            ),
            Node(
                nodes.export_tables,
                inputs="report_sections",
                outputs="report_tables",
                name="export_report_tables",
            ),
            Node(
                nodes.write_tables_document,
                inputs=["study_results", "report_sections", PARAMETERS],
                outputs="report_tables_document",
                name="write_tables_document",
            ),
            Node(
                nodes.export_figures,
                inputs=["report_sections", PARAMETERS],
                outputs="report_figures",
                name="export_report_figures",
            ),
        ]
    )
