"""Pipelines as the collapsible groups of kedro-viz."""

from kedro.pipeline import Pipeline


def grouped(name: str, pipeline: Pipeline) -> Pipeline:
    """Give a pipeline's nodes its name as namespace, and leave its datasets' names alone."""
    return Pipeline(pipeline, namespace=name, prefix_datasets_with_namespace=False)
