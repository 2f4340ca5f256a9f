"""The package_study pipeline: what a study left in; one file out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.package_study.nodes import package_study


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    inputs = [
        "leak_free_fitted_study",
        "leak_free_study_table",
        "cohort",
        "lesions",
        "deep_networks",
        "deep_crops",
        "deep_folds",
        "performance",
        "model_card",
        "sceptic_refit_weights",
        "seal_state",
        "params:data_processing",
        "params:radiomics",
        "params:deep_features",
        "params:explainability",
        "params:reporting",
        "params:package_study",
    ]
    return Pipeline([Node(package_study, inputs=inputs, outputs="study_package", name="pack")])
