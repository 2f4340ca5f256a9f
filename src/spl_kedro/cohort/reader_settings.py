"""Settings of the table of a reader study."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from spl_kedro.cohort.settings import Labels
from spl_kedro.parameters import Settings


class ReaderColumns(Settings):
    """Which column of the readers' table holds what; null where there is none."""

    reader: str = Field("reader", description="who read")
    lesion_id: str = Field("lesion_id", description="as in the cohort")
    modality: str = Field("modality", description="what was read, such as with or without the tool")
    score: str = Field("score", description="a number, larger meaning more malignant")
    label: str | None = Field(
        None, description="the reference standard; null: the cohort's, which holds all lesions"
    )
    patient_id: str | None = Field(
        None, description="null: the cohort's; a lesion that it lacks is its own patient"
    )


class ReaderTableSettings(Settings):
    """How the table of a reader study is read."""

    columns: ReaderColumns = ReaderColumns()
    labels: Labels = Field(
        Labels(benign=("benign", "0"), malignant=("malignant", "1")),
        description="words of the label column",
    )
    modalities: tuple[str, ...] = Field(
        ("without", "with"),
        min_length=2,
        description="words of the modality column, in the order in which they are compared: "
        "a difference is a later one minus an earlier one",
    )

    @model_validator(mode="after")
    def _modalities_differ(self) -> Self:
        folded = [word.casefold() for word in self.modalities]
        if len(set(folded)) < len(folded):
            raise ValueError(f"modalities must differ, in more than case: {self.modalities}")
        return self
