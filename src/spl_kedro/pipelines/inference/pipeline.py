"""The inference pipeline: a packaged study and new cases in; scores, reasons and pages out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.inference import nodes

PARAMETERS = "params:inference"
EXPLAINABILITY = "params:explainability"


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.read_cases,
                inputs=[
                    "inference_table",
                    "inference_images",
                    "inference_outlines",
                    "study_package",
                ],
                outputs=[
                    "inference_cases",
                    "inference_lesions",
                    "inference_case_findings",
                    "inference_known",
                ],
                name="read_cases",
            ),
            Node(
                nodes.measure_cases,
                inputs=[
                    *("study_package", "inference_cases", "inference_lesions"),
                    "params:radiomics",
                ],
                outputs=["inference_features", "inference_image_findings"],
                name="measure_cases",
            ),
            Node(
                nodes.score_cases,
                inputs=[
                    "study_package",
                    "inference_cases",
                    "inference_features",
                    "inference_known",
                    "inference_lesions",
                ],
                outputs=["inference_scores", "inference_findings"],
                name="score_cases",
            ),
            Node(
                nodes.pool_patients,
                inputs=["study_package", "inference_scores", "inference_cases"],
                outputs="inference_patient_scores",
                name="pool_patients",
            ),
            Node(
                nodes.explain_cases,
                inputs=[
                    "study_package",
                    "inference_cases",
                    "inference_features",
                    "inference_scores",
                    "inference_lesions",
                    PARAMETERS,
                    EXPLAINABILITY,
                ],
                outputs=["inference_reasons", "inference_maps"],
                name="explain_cases",
            ),
            Node(
                nodes.write_pages,
                inputs=[
                    "study_package",
                    "inference_scores",
                    "inference_reasons",
                    "inference_findings",
                    "inference_maps",
                    "inference_patient_scores",
                    "inference_cases",
                    PARAMETERS,
                ],
                outputs="inference_pages",
                name="write_pages",
            ),
        ]
    )
