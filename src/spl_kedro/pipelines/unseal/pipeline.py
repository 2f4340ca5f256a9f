"""The composite pipeline: a look into the log, then what the sealed lesions show."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines import deep_features, explainability, modeling, radiomics, reporting
from spl_kedro.pipelines.data_processing.nodes import describe_cohort
from spl_kedro.pipelines.data_processing.pipeline import RESULTS
from spl_kedro.pipelines.grouping import grouped, handed_over
from spl_kedro.pipelines.modeling.nodes import score_sealed
from spl_kedro.pipelines.sealing.pipeline import PLANNED, judging
from spl_kedro.pipelines.unseal import nodes
from spl_kedro.sealing import OPENS_SEALED

#: Steps that learn, or that only training lesions enter: what they left is used as it is.
DONE = {
    "radiomics": ("judge_radiomics_stability",),
    "deep_features": (
        *("assign_deep_folds", "assign_outer_folds", "train_deep_networks"),
        "embed_lesions_nested",
    ),
    "modeling": ("leak_free.fit_models", "measure_nesting_leak"),
}
#: What is read as it was left and written anew: two names of one file each, for Kedro.
FITTED, NESTED = "leak_free_fitted_study", "deep_embeddings_nested"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    steps = {
        "radiomics": radiomics,
        "deep_features": deep_features,
        "modeling": modeling,
        "explainability": explainability,
        "reporting": reporting,
    }
    parts = {name: step.create_pipeline() for name, step in steps.items()}
    for name, done in DONE.items():
        parts[name] = parts[name] - parts[name].only_nodes(*done)
    score = Node(
        score_sealed,
        inputs=["leak_free_study_table", f"{FITTED}_as_sealed", "params:modeling"],
        outputs=FITTED,
        name="score_sealed",
    )
    embed = Node(
        nodes.embed_unsealed_nested,
        inputs=[
            *(f"{NESTED}_as_sealed", "deep_crops", "cohort", "deep_folds", "deep_networks"),
            "params:deep_features",
        ],
        outputs=NESTED,
        name="embed_unsealed_nested",
    )
    parts["modeling"] += Pipeline([score])
    parts["deep_features"] += Pipeline([embed])
    handed = handed_over("data_processing_results", RESULTS)
    parts = {"sealing": _opening(), "data_processing": handed} | parts
    return sum((grouped(name, part) for name, part in parts.items()), start=Pipeline([]))


def _opening() -> Pipeline:
    return Pipeline(
        [
            Node(
                nodes.log_look,
                inputs=[
                    *("analysis_plan", "current_plan", f"{FITTED}_as_sealed"),
                    *("further_features", *PLANNED),
                ],
                outputs="validation_looks",
                name="log_look",
            ),
            Node(
                nodes.open_cohort,
                inputs=[
                    "divided_cohort",
                    "cohort_table",
                    "duplicates",
                    "validation_looks",
                    "params:data_processing",
                ],
                outputs=["cohort", "labels_findings"],
                name="open_cohort",
                tags=OPENS_SEALED,
            ),
            Node(
                describe_cohort,
                inputs=["cohort", "params:modeling.evaluation.pooling"],
                outputs="table_one",
                name="describe_cohort",
            ),
            judging(),
        ]
    )
