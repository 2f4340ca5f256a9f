"""The modeling pipeline: features in; models, predictions, every table and figure out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.grouping import grouped, handed_over
from spl_kedro.pipelines.modeling import evaluation_nodes, nodes, records
from spl_kedro.schemas import MODELS, PROTOCOLS

PARAMETERS = "params:modeling"
#: Rules of the protocol a namespace stands for.
RULES = "params:rules"
SEALING, PLAN = "params:sealing", "current_plan"
TABLES = (
    "cohort",
    "radiomics_features",
    "radiomics_schema",
    "radiomics_stability",
    "deep_embeddings",
    "deep_embeddings_as_published",
    "deep_embeddings_nested",
    "outer_folds",
    "further_features",
)
SETTINGS = ("params:data_processing", "params:radiomics", "params:deep_features")
STUDIES = [f"{protocol}_fitted_study" for protocol in PROTOCOLS]
CURVES = ("roc_curves", "precision_recall_curves", "calibration", "decision_curves", "waterfall")
CLINIC = (
    *("zone_scores", "clinical_use", "clinical_use_by_prevalence", "verification_bias"),
    *("reference_errors", "fairness"),
)
#: What the report shows of the models; see `handed_over`.
RESULTS = (
    *("performance", "thresholds", "optimism", "auc_by_repeat", "comparisons", "added_value"),
    *(*CURVES, "subgroups", *CLINIC, "sample_size", "nested_performance", "clinical_optimism"),
    *("nesting_leak", "odds_ratios"),
)
FIGURES = tuple(
    f"{name}_figure"
    for name in (
        *("roc", "precision_recall", "calibration", "decision_curve", "avoided", "delong"),
        *("waterfall", "added_value", "forest"),
    )
)


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    protocols = sum((protocol_pipeline(name) for name in PROTOCOLS), start=Pipeline([]))
    return sum(
        (
            grouped(
                "evaluation",
                Pipeline(_evaluating()) + handed_over("modeling_results", RESULTS),
            ),
            grouped("figures", Pipeline(_drawing()) + handed_over("modeling_figures", FIGURES)),
            Pipeline(_fitting()),
        ),
        start=protocols,
    )


def protocol_pipeline(protocol: str) -> Pipeline:
    """Return one protocol as a namespace: the same steps, under rules of its own.

    Parameters
    ----------
    protocol : str, one of :data:`spl_kedro.schemas.PROTOCOLS`
        Names the namespace, what it leaves, and the rules in ``modeling.protocols``.

    Returns
    -------
    Pipeline
        Features in; ``<protocol>_study_table`` and ``<protocol>_fitted_study`` out.
    """
    steps = [
        Node(
            nodes.assemble_table,
            inputs=[*TABLES, *SETTINGS, PARAMETERS, RULES],
            outputs="study_table",
            name="assemble_table",
        ),
        Node(
            nodes.fit_models,
            inputs=["study_table", "deep_networks", PARAMETERS, RULES, SEALING, PLAN],
            outputs="fitted_study",
            name="fit_models",
        ),
    ]
    own_rules = {RULES: f"params:modeling.protocols.{protocol}"}
    shared = {PARAMETERS, SEALING, *SETTINGS}
    return Pipeline(
        steps,
        namespace=protocol,
        inputs={*TABLES, "deep_networks", PLAN},
        outputs={name: f"{protocol}_{name}" for name in ("study_table", "fitted_study")},
        parameters=own_rules | {name: name for name in shared},
    )


def _fitting() -> list[Node]:
    return [
        Node(
            nodes.hand_out_models,
            inputs="leak_free_fitted_study",
            outputs=[f"{name}_model" for name in MODELS],
            name="hand_out_models",
        ),
        Node(
            nodes.collect_predictions,
            inputs=STUDIES,
            outputs="predictions",
            name="collect_predictions",
        ),
        Node(
            nodes.describe_models,
            inputs=[PARAMETERS, *STUDIES],
            outputs=["selected_features", "odds_ratios"],
            name="describe_models",
        ),
        Node(
            nodes.measure_nesting_leak,
            inputs=["params:deep_features", PARAMETERS],
            outputs="nesting_leak",
            name="measure_nesting_leak",
        ),
        Node(
            nodes.validate_internally,
            inputs=["leak_free_study_table", "leak_free_fitted_study", PARAMETERS],
            outputs=["nested_performance", "clinical_optimism"],
            name="validate_internally",
        ),
        Node(
            records.record_trainings,
            inputs=[
                *STUDIES,
                "leak_free_study_table",
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
            outputs=list(CURVES),
            name="tabulate_curves",
        ),
        Node(
            evaluation_nodes.measure_subgroups,
            inputs=["predictions", "thresholds", "cohort", PARAMETERS],
            outputs="subgroups",
            name="measure_subgroups",
        ),
        Node(
            evaluation_nodes.measure_clinical_use,
            inputs=["predictions", "thresholds", "performance", "cohort", PARAMETERS],
            outputs=list(CLINIC),
            name="measure_clinical_use",
        ),
        Node(
            evaluation_nodes.judge_sample_size,
            inputs=["performance", "leak_free_fitted_study"],
            outputs="sample_size",
            name="judge_sample_size",
        ),
    ]


def _drawing() -> list[Node]:
    return [
        Node(
            evaluation_nodes.draw_validation,
            inputs=[*evaluation_nodes.DRAWN, "cohort"],
            outputs=list(FIGURES),
            name="draw_validation",
        ),
        Node(
            evaluation_nodes.draw_in_sample,
            inputs=["performance", "roc_curves", "calibration", "decision_curves", "cohort"],
            outputs="as_published_figures",
            name="draw_in_sample",
        ),
    ]
