"""The pipeline of new images: boxes, images and a study's networks in; outlines out."""

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines.outline_new_images import nodes


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.outline_new_images,
                inputs=[
                    *("new_boxes", "new_images", "assisted_networks", "params:data_processing"),
                    *("params:assisted_outlines", "params:outline_new_images"),
                ],
                outputs=["new_outlines", "new_outlines_findings"],
                name="outline_new_images",
            )
        ]
    )
