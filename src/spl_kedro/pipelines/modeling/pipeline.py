"""The modeling pipeline: features in; models, predictions, every table and figure out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.modeling import evaluation_nodes, nodes, records
from spl_kedro.schemas import MODELS

PARAMETERS = "params:modeling"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline([*_fitting(), *_evaluating(), *_drawing()])


def _fitting() -> list[Node]:
    return [
        Node(
            nodes.assemble_table,
            inputs=[
                "cohort",
                "radiomics_features",
                "dtl_features",
                "radiomics_schema",
                "radiomics_stability",
                "deep_folds",
                "params:data_processing",
                PARAMETERS,
            ],
            outputs="study_table",
            name="assemble_leak_free",
        ),
        Node(
            nodes.assemble_table,
            inputs=[
                "cohort",
                "radiomics_features",
                "dtl_features_as_published",
                "radiomics_schema",
                "radiomics_stability",
                "deep_folds",
                "params:data_processing",
                PARAMETERS,
            ],
            outputs="study_table_as_published",
            name="assemble_as_published",
        ),
        Node(
            nodes.fit_leak_free,
            inputs=["study_table", PARAMETERS],
            outputs=["leak_free_result", *(f"{name}_model" for name in MODELS)],
            name="fit_leak_free",
        ),
        Node(
            nodes.fit_as_published,
            inputs=["study_table_as_published", PARAMETERS],
            outputs=["as_published_result", "as_published_radial_result"],
            name="fit_as_published",
        ),
        Node(
            nodes.collect_predictions,
            inputs=["leak_free_result", "as_published_result", "as_published_radial_result"],
            outputs="predictions",
            name="collect_predictions",
        ),
        Node(
            nodes.describe_models,
            inputs=[
                "leak_free_result",
                "as_published_result",
                "as_published_radial_result",
                "study_table",
                "study_table_as_published",
                PARAMETERS,
            ],
            outputs=["selected_features", "odds_ratios"],
            name="describe_models",
        ),
        Node(
            nodes.validate_internally,
            inputs=["study_table", "leak_free_result", PARAMETERS],
            outputs=["nested_performance", "clinical_optimism"],
            name="validate_internally",
        ),
    ]


def _evaluating() -> list[Node]:
    return [
        Node(
            evaluation_nodes.measure_models,
            inputs=["predictions", PARAMETERS],
            outputs=["thresholds", "performance", "auc_by_repeat", "optimism"],
            name="measure_models",
        ),
        Node(
            evaluation_nodes.compare_models,
            inputs=["predictions", "thresholds", PARAMETERS],
            outputs="comparisons",
            name="compare_models",
        ),
        Node(
            evaluation_nodes.measure_parts,
            inputs=["predictions", PARAMETERS],
            outputs="added_value",
            name="measure_parts",
        ),
        Node(
            evaluation_nodes.tabulate_curves,
            inputs=["predictions", "thresholds", PARAMETERS],
            outputs=[
                "roc_curves",
                "precision_recall_curves",
                "calibration",
                "decision_curves",
                "waterfall",
            ],
            name="tabulate_curves",
        ),
        Node(
            evaluation_nodes.measure_subgroups,
            inputs=["predictions", "thresholds", "cohort", PARAMETERS],
            outputs="subgroups",
            name="measure_subgroups",
        ),
        Node(
            evaluation_nodes.judge_sample_size,
            inputs=["performance", "leak_free_result"],
            outputs="sample_size",
            name="judge_sample_size",
        ),
        Node(
            records.record_trainings,
            inputs=[
                "leak_free_result",
                "as_published_result",
                "as_published_radial_result",
                "study_table",
                "roc_curves",
                "auc_by_repeat",
                "performance",
                "thresholds",
                "selected_features",
                PARAMETERS,
            ],
            outputs="modeling_records",
            name="record_signatures",
        ),
    ]


def _drawing() -> list[Node]:
    return [
        Node(
            evaluation_nodes.draw_validation,
            inputs=[
                "performance",
                "roc_curves",
                "precision_recall_curves",
                "calibration",
                "decision_curves",
                "comparisons",
                "waterfall",
                "added_value",
                "cohort",
            ],
            outputs=[
                "roc_figure",
                "precision_recall_figure",
                "calibration_figure",
                "decision_curve_figure",
                "avoided_figure",
                "delong_figure",
                "waterfall_figure",
                "added_value_figure",
                "forest_figure",
            ],
            name="draw_validation",
        ),
        Node(
            evaluation_nodes.draw_all_cohorts,
            inputs=["performance", "roc_curves", "calibration", "decision_curves", "cohort"],
            outputs="cohort_figures",
            name="draw_all_cohorts",
        ),
    ]
