"""The external_validation pipeline: a frozen study and a hospital's files in; a report out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.data_processing.nodes import describe_cohort
from spl_kedro.pipelines.external_validation import (
    evaluation_nodes,
    nodes,
    report_nodes,
    sealing_nodes,
)
from spl_kedro.pipelines.modeling import evaluation_nodes as modeling
from spl_kedro.pipelines.reporting import nodes as reporting
from spl_kedro.pipelines.reporting.nodes import PICTURE
from spl_kedro.pipelines.sealing import nodes as sealing
from spl_kedro.reporting.evidence import VALIDATION

EVALUATION = "params:modeling"
REPORTING = "params:reporting"
COHORT = "params:data_processing"
CLINIC = (
    *("zone_scores", "clinical_use", "clinical_use_by_prevalence", "verification_bias"),
    *("reference_errors", "fairness"),
)
SEALING = "params:sealing"
#: Attributes of `StudyResults` that are tables of this pipeline, by the name of each.
TABLES = {
    name: name
    for name in (
        *("cohort_flow", "findings", "quality", "duplicates", "table_one", "variables"),
        "applicability",
        *("performance", "threshold_benefit", "roc_curves", "added_value", "comparisons"),
        *("calibration", "decision_curves", "subgroups"),
        *("case_mix", "membership", "development_comparison", "thresholds", *CLINIC),
    )
}
#: Pictures of the report, by the figure of each.
PICTURES = {name: f"{name}_figure" for name in ("forest", "case_mix", "linear_predictor")} | {
    f"{name}_external": f"{name}_figure"
    for name in ("roc", "calibration", "decision_curve", "delong", "added_value")
}
FIGURES = (
    *("roc", "precision_recall", "calibration", "decision_curve", "avoided", "delong"),
    *("waterfall", "added_value", "forest", "case_mix", "linear_predictor"),
)


def own(name: str) -> str:
    """Return a name of the catalog that no other pipeline has."""
    return f"{VALIDATION}_{name}"


def named(*names: str) -> list[str]:
    """Return several names of the catalog; see `own`."""
    return [own(name) for name in names]


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline([*_scoring(), *_looking(), *_evaluating(), *_reporting()])


def _scoring() -> list[Node]:
    return [
        Node(
            nodes.open_study,
            inputs=[own("study"), EVALUATION],
            outputs=named("frozen_study", "thresholds", "development"),
            name="open_study",
        ),
        Node(
            nodes.check_cohort,
            inputs=[
                own("frozen_study"),
                *("cohort_table", "ultrasound_images", "lesion_masks", COHORT),
            ],
            outputs=named(
                *("checked_lesions", "lesions", "checked_findings", "quality", "column_audit"),
                "duplicates",
            ),
            name="check_cohort",
        ),
        Node(
            nodes.settle_cohort,
            inputs=[*named("checked_lesions", "lesions", "checked_findings"), COHORT],
            outputs=named("cohort", "cohort_findings"),
            name="settle_cohort",
        ),
        Node(
            nodes.score_cohort,
            inputs=[*named("study", "cohort", "lesions"), "params:radiomics", own("looks")],
            outputs=named("predictions", "variables", "applicability", "images_findings"),
            name="score_cohort",
        ),
        Node(
            nodes.compare_case_mix,
            inputs=[*named("study", "cohort", "predictions", "variables"), EVALUATION],
            outputs=named("case_mix", "membership"),
            name="compare_case_mix",
        ),
        Node(
            describe_cohort,
            inputs=[own("cohort"), "params:modeling.evaluation.pooling"],
            outputs=own("table_one"),
            name="describe_cohort",
        ),
    ]


def _looking() -> list[Node]:
    """Return the nodes of the seal: plan and look are stored before a lesion is scored."""
    return [
        Node(
            sealing_nodes.state_plan,
            inputs=[
                *named("frozen_study", "cohort"),
                *(COHORT, EVALUATION, f"params:{VALIDATION}", SEALING),
            ],
            outputs=own("current_plan"),
            name="state_plan",
        ),
        Node(
            sealing.keep_first_plan,
            inputs=own("current_plan"),
            outputs=own("analysis_plan"),
            name="keep_first_plan",
        ),
        Node(
            sealing_nodes.log_look,
            inputs=[*named("analysis_plan", "current_plan", "cohort"), SEALING],
            outputs=own("looks"),
            name="log_look",
        ),
        Node(
            sealing.judge_seal,
            inputs=named("analysis_plan", "current_plan", "looks", "cohort"),
            outputs=own("seal_state"),
            name="judge_seal",
        ),
    ]


def _evaluating() -> list[Node]:
    return [
        Node(
            evaluation_nodes.measure_models,
            inputs=[*named("predictions", "thresholds"), EVALUATION],
            outputs=named("performance", "threshold_benefit"),
            name="measure_models",
        ),
        Node(
            modeling.compare_models,
            inputs=[*named("predictions", "thresholds"), EVALUATION],
            outputs=own("comparisons"),
            name="compare_models",
        ),
        Node(
            modeling.measure_parts,
            inputs=[own("predictions"), EVALUATION],
            outputs=own("added_value"),
            name="measure_parts",
        ),
        Node(
            modeling.tabulate_curves,
            inputs=[*named("predictions", "thresholds"), EVALUATION],
            outputs=named(
                *("roc_curves", "precision_recall_curves", "calibration"),
                *("decision_curves", "waterfall"),
            ),
            name="tabulate_curves",
        ),
        Node(
            evaluation_nodes.measure_subgroups,
            inputs=[*named("predictions", "thresholds", "cohort", "frozen_study"), EVALUATION],
            outputs=own("subgroups"),
            name="measure_subgroups",
        ),
        Node(
            evaluation_nodes.measure_clinical_use,
            inputs=[
                *named("predictions", "thresholds", "performance", "cohort", "frozen_study"),
                EVALUATION,
            ],
            outputs=named(*CLINIC),
            name="measure_clinical_use",
        ),
        Node(
            evaluation_nodes.compare_with_development,
            inputs=[*named("development", "performance"), f"params:{VALIDATION}"],
            outputs=own("development_comparison"),
            name="compare_with_development",
        ),
        Node(
            evaluation_nodes.draw_validation,
            inputs=named(*modeling.DRAWN, "case_mix", "cohort"),
            outputs=named(*(f"{name}_figure" for name in FIGURES)),
            name="draw_validation",
        ),
    ]


def _reporting() -> list[Node]:
    return [
        Node(
            reporting.gather_findings,
            inputs=named("cohort_findings", "images_findings"),
            outputs=named("findings", "quarantine"),
            name="gather_findings",
        ),
        Node(
            reporting.count_flow,
            inputs=named("cohort", "findings"),
            outputs=own("cohort_flow"),
            name="count_flow",
        ),
        Node(
            report_nodes.gather_results,
            inputs={
                "cohort": own("cohort"),
                "frozen": own("frozen_study"),
                "seal": own("seal_state"),
                "parameters": "parameters",
                "modeling": EVALUATION,
                "durations": "run_durations",
            }
            | {attribute: own(name) for attribute, name in TABLES.items()}
            | {f"{PICTURE}{name}": own(figure) for name, figure in PICTURES.items()},
            outputs=own("results"),
            name="gather_results",
        ),
        Node(
            reporting.make_sections,
            inputs=[own("results"), REPORTING, "params:modeling.n_jobs"],
            outputs=own("report_sections"),
            name="make_report_sections",
        ),
        Node(
            reporting.write_report,
            inputs=[*named("results", "report_sections"), REPORTING],
            outputs=own("study_report"),
            name="write_report",
        ),
        Node(
            report_nodes.write_documents,
            inputs=[own("results"), REPORTING],
            outputs=named("data_sheet", "checklists"),
            name="write_documents",
        ),
        Node(
            reporting.export_tables,
            inputs=own("report_sections"),
            outputs=own("report_tables"),
            name="export_report_tables",
        ),
        Node(
            reporting.write_tables_document,
            inputs=[*named("results", "report_sections"), REPORTING],
            outputs=own("report_tables_document"),
            name="write_tables_document",
        ),
        Node(
            reporting.export_figures,
            inputs=[own("report_sections"), REPORTING],
            outputs=own("report_figures"),
            name="export_report_figures",
        ),
    ]
