"""The audit pipeline: features in, the AUC of both protocols on shuffled labels out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.audit import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.shuffle_and_run,
                inputs=[
                    "cohort",
                    "lesions",
                    "radiomics_features",
                    "radiomics_schema",
                    "radiomics_stability",
                    "further_features",
                    "params:modeling",
                    "params:audit",
                ],
                outputs="permutation_audit",
                name="shuffle_and_run",
            ),
            Node(
                nodes.probe_nested_networks,
                inputs=["params:modeling", "params:audit"],
                outputs=["nesting_probe", "nesting_probe_summary"],
                name="probe_nested_networks",
            ),
            Node(
                nodes.judge_audit,
                inputs=["permutation_audit", "cohort"],
                outputs=["permutation_audit_summary", "audit_figure"],
                name="judge_audit",
            ),
        ]
    )
