"""Parameters of the package_study pipeline."""

from pydantic import Field

from spl_kedro.parameters import Settings


class PackageParameters(Settings):
    """How the study is packaged; the key's path is read by the catalog, from the command line."""

    private_key: str | None = Field(
        None, description="PEM file of an Ed25519 key that signs the study; null: not signed"
    )
    refits: bool = Field(
        True,
        description="take along the refits of the pipeline prediction_stability, if it has run, so "
        "that a new patient's score has their spread beside it",
    )
