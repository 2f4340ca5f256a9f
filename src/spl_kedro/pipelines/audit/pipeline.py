"""The audit pipeline: features in, the AUC of both protocols on shuffled labels out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.audit import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.audit_without_network,
                inputs=[
                    "cohort",
                    "radiomics_features",
                    "dtl_features",
                    "radiomics_schema",
                    "radiomics_stability",
                    "deep_folds",
                    "params:modeling",
                    "params:audit",
                ],
                outputs="audit_without_network",
                name="audit_without_network",
            ),
            Node(
                nodes.audit_with_network,
                inputs=[
                    "cohort",
                    "lesions",
                    "radiomics_features",
                    "radiomics_schema",
                    "radiomics_stability",
                    "params:modeling",
                    "params:audit",
                ],
                outputs="audit_with_network",
                name="audit_with_network",
            ),
            Node(
                nodes.judge_audit,
                inputs=["audit_without_network", "audit_with_network", "cohort"],
                outputs=["permutation_audit", "permutation_audit_summary", "audit_figure"],
                name="judge_audit",
            ),
        ]
    )
