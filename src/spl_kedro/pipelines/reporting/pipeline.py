"""The reporting pipeline: what the run found in; report, cards, tables and figures out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.additions import added_sections
from spl_kedro.pipelines.reporting import nodes
from spl_kedro.pipelines.reporting.inputs import DIRECT, GROUPS

PARAMETERS = "params:reporting"

#: What finds something about cases, in the order of a run.
STAGES = ("data_processing", "leaks", "radiomics", "deep", "labels")


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
                nodes.gather_study,
                inputs=DIRECT | {name: name for name in (*GROUPS, *added_sections().values())},
                outputs="study_results",
                name="gather_results",
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
