"""Parameters of the external_validation pipeline."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings


class ExternalValidationParameters(Settings):
    """Which study is validated, and which of its own figures stand beside the new ones."""

    study: str | None = Field(
        None,
        description="path of the packaged study; on the command line alone (--params), since the "
        "catalog opens it: an environment names its own file at external_validation_study there",
    )
    public_key: str | None = Field(
        None,
        description="path of the key that must have signed the study (PEM); on the command line "
        "alone, or in the catalog",
    )
    compare_with: tuple[Literal["training", "validation", "external"], ...] = Field(
        ("training", "validation"),
        min_length=1,
        description="development cohorts to compare with; none that shares patients with this one",
    )
