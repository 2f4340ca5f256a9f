"""Parameters of the package_study pipeline."""

from pydantic import Field

from spl_kedro.parameters import Settings


class PackageParameters(Settings):
    """How the study is packaged; the path is read by the catalog, from the command line."""

    private_key: str | None = Field(
        None, description="PEM file of an Ed25519 key that signs the study; null: not signed"
    )
