"""The pipeline of several classes: a column of the table in, performance and a figure out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.multiclass import nodes

TABLE, PARAMETERS, MODELING = "leak_free_study_table", "params:multiclass", "params:modeling"
TABLES = ("multiclass_performance", "multiclass_confusion", "multiclass_roc_curves")


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.read_classes,
                inputs=[
                    "cohort_table",
                    "ultrasound_images",
                    TABLE,
                    "params:data_processing",
                    PARAMETERS,
                ],
                outputs=["multiclass_classes", "multiclass_findings"],
                name="read_classes",
            ),
            Node(
                nodes.fit_classes,
                inputs=[TABLE, "multiclass_classes", MODELING, PARAMETERS],
                outputs=["multiclass_model", "multiclass_predictions"],
                name="fit_classes",
            ),
            Node(
                nodes.measure_classes,
                inputs=["multiclass_model", "multiclass_predictions", MODELING],
                outputs=list(TABLES),
                name="measure_classes",
            ),
            Node(
                nodes.draw_classes,
                inputs=[*TABLES, "cohort", MODELING],
                outputs="multiclass_figure",
                name="draw_classes",
            ),
            Node(
                nodes.write_section,
                inputs=[
                    *(*TABLES, "multiclass_findings", "cohort", "predictions"),
                    *(MODELING, PARAMETERS),
                ],
                outputs="multiclass_sections",
                name="write_class_section",
            ),
        ]
    )
