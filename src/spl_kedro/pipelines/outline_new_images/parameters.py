"""Parameters of the outlining of new images."""

from pydantic import Field

from spl_kedro.parameters import Settings


class OutlineNewImagesParameters(Settings):
    """Which images are outlined; the catalog reads the paths, from the command line."""

    boxes: str | None = Field(None, description="table of boxes or clicks; null: the catalog's")
    images: str | None = Field(None, description="folder of images; null: images beside the table")
