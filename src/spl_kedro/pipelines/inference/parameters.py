"""Parameters of the inference pipeline."""

from pydantic import Field

from spl_kedro.parameters import Settings


class InferenceParameters(Settings):
    """Which study scores which cases; the paths are read by the catalog, from the command line."""

    study: str | None = Field(None, description="packaged study; null: this environment's own")
    cases: str | None = Field(None, description="table of the cases; null: the catalog's")
    images: str | None = Field(None, description="folder of images; null: images beside the table")
    outlines: str | None = Field(
        None, description="folder of outlines; null: outlines beside the table"
    )
    public_key: str | None = Field(
        None, description="PEM file of the key that must have signed the study; null: any or none"
    )
    explain: bool = Field(True, description="SHAP values, maps and a page for each case")
