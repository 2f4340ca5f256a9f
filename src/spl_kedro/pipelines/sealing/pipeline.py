"""The sealing pipeline: who is in which cohort and all parameters in; plan and state out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.sealing import nodes

SEALING = "params:sealing"
#: What shapes a study's results, in the order of `nodes.state_plan`.
GROUPS = ("data_processing", "radiomics", "deep_features", "modeling", "explainability", "sealing")
PLANNED = ["divided_cohort", *(f"params:{name}" for name in GROUPS)]


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(nodes.state_plan, inputs=PLANNED, outputs="current_plan", name="state_plan"),
            Node(
                nodes.keep_first_plan,
                inputs="current_plan",
                outputs="analysis_plan",
                name="keep_first_plan",
            ),
            Node(
                nodes.note_open_run,
                inputs=["analysis_plan", "current_plan", "divided_cohort", SEALING],
                outputs="validation_looks",
                name="note_open_run",
            ),
            judging(),
        ]
    )


def judging() -> Node:
    """Return the node that says where the study stands."""
    return Node(
        nodes.judge_seal,
        inputs=["analysis_plan", "current_plan", "validation_looks", "divided_cohort"],
        outputs="seal_state",
        name="judge_seal",
    )
