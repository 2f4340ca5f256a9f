"""Fitted models in; SHAP values, Grad-CAM maps, their checks, conformal sets, a nomogram out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.explainability import map_nodes, nodes, nomogram_nodes, summary_nodes
from spl_kedro.pipelines.grouping import handed_over

PARAMETERS = "params:explainability"
FITTED = ("leak_free_study_table", "leak_free_fitted_study")
TERMS = ("additive_models", "additive_terms", "nomogram", "nomogram_scale")
#: What the report shows of the explanations; see `handed_over`.
RESULTS = (
    *("shap_importance", "shap_additivity", "shap_agreement", "shap_shuffled_labels"),
    *("shap_stability", "gradcam_energy", "gradcam_summary", "gradcam_randomisation"),
    *("gradcam_shuffled_labels", "conformal", "conformal_coverage", *TERMS),
)
FIGURES = (
    *("shap_beeswarm", "shap_bar", "shap_dependence", "shap_waterfalls", "gradcam_panel"),
    *("gradcam_energy_figure", "sanity_figure", "conformal_figure", "nomogram_figure"),
)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return sum(
        (
            handed_over("explainability_results", RESULTS),
            handed_over("explainability_figures", FIGURES),
        ),
        start=Pipeline([*_signatures(), *_maps(), *_conformal(), *_nomogram()]),
    )


def _signatures() -> list[Node]:
    return [
        Node(
            nodes.explain_signatures,
            inputs=[*FITTED, PARAMETERS],
            outputs=["shap_explanations", "shap_values", "shap_additivity", "shap_stability"],
            name="explain_signatures",
        ),
        Node(
            nodes.shuffle_labels,
            inputs=[*FITTED, "shap_explanations", PARAMETERS],
            outputs="shap_shuffled_labels",
            name="explain_shuffled_labels",
        ),
        Node(
            summary_nodes.summarise_shap,
            inputs=["shap_values", "shap_stability"],
            outputs=["shap_importance", "shap_agreement"],
            name="summarise_shap",
        ),
        Node(
            nodes.draw_shap,
            inputs=[
                "shap_values",
                "shap_importance",
                "cohort",
                "predictions",
                "thresholds",
                PARAMETERS,
            ],
            outputs=[
                "shap_beeswarm",
                "shap_bar",
                "shap_dependence",
                "shap_waterfalls",
                "shap_figures",
            ],
            name="draw_shap",
        ),
    ]


def _maps() -> list[Node]:
    deep = ["map_source", "params:deep_features", PARAMETERS]
    return [
        Node(
            map_nodes.choose_map_source,
            inputs=[
                "deep_networks",
                "deep_folds",
                "deep_embeddings",
                *FITTED,
                "params:deep_features",
            ],
            outputs="map_source",
            name="choose_map_source",
        ),
        Node(
            map_nodes.map_cohort,
            inputs=["lesions", "cohort", "predictions", "thresholds", *deep],
            outputs=["lesion_maps", "gradcam_energy"],
            name="map_lesions",
        ),
        Node(
            summary_nodes.summarise_maps,
            inputs="gradcam_energy",
            outputs="gradcam_summary",
            name="summarise_maps",
        ),
        Node(
            map_nodes.draw_maps,
            inputs=["lesion_maps", "gradcam_energy", "gradcam_summary", "cohort", PARAMETERS],
            outputs=["gradcam_panel", "gradcam_energy_figure"],
            name="draw_maps",
        ),
        Node(
            map_nodes.check_maps,
            inputs=["lesions", "cohort", "gradcam_energy", *deep],
            outputs=["gradcam_randomisation", "gradcam_shuffled_labels"],
            name="check_maps",
        ),
        Node(
            map_nodes.draw_checks,
            inputs=[
                "gradcam_randomisation",
                "gradcam_shuffled_labels",
                "shap_stability",
                "shap_shuffled_labels",
                "cohort",
            ],
            outputs="sanity_figure",
            name="draw_sanity_checks",
        ),
    ]


def _conformal() -> list[Node]:
    return [
        Node(
            nodes.predict_conformally,
            inputs=["predictions", "cohort", "params:modeling", PARAMETERS],
            outputs=["conformal", "conformal_coverage", "conformal_figure"],
            name="predict_conformally",
        ),
    ]


def _nomogram() -> list[Node]:
    return [
        Node(
            nomogram_nodes.tabulate_terms,
            inputs="leak_free_fitted_study",
            outputs=list(TERMS),
            name="tabulate_terms",
        ),
        Node(
            nomogram_nodes.draw_nomogram,
            inputs=["additive_models", "nomogram", "nomogram_scale", "cohort"],
            outputs="nomogram_figure",
            name="draw_nomogram",
        ),
    ]
