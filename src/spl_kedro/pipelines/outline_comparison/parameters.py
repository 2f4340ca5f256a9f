"""Parameters of the study on machine outlines."""

from pydantic import Field

from spl_kedro.parameters import Settings


class OutlineComparisonParameters(Settings):
    """Which outlines the study is repeated on; the catalog reads the path."""

    outlines: str | None = Field(
        None, description="folder of outlines, perhaps corrected; null: that which was written"
    )
