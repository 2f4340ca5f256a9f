"""Typed settings of a study of several classes."""

from __future__ import annotations

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings
from spl_kedro.schemas import MODELS

#: With two the study's own label does.
FEWEST = 3


class ClassSettings(Settings):
    """All of `params:multiclass`: where the classes stand, and which models tell them apart."""

    column: str | None = Field(
        None, description="column of the hospital's table that holds the classes; null: none"
    )
    classes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="words of that column by class, in the order in which classes are shown",
    )
    min_lesions: int = Field(
        20, ge=4, le=100_000, description="training lesions that a class must have"
    )
    models: tuple[str, ...] = Field(
        MODELS, min_length=1, description="models of modeling.models that tell the classes apart"
    )

    @model_validator(mode="after")
    def _classes_are_apart(self) -> ClassSettings:
        if self.column is not None and len(self.classes) < FEWEST:
            raise ValueError(
                f"classes names {len(self.classes)}; a study of several classes needs {FEWEST} or "
                "more (two are data_processing.labels)"
            )
        owner: dict[str, str] = {}
        for name, words in self.classes.items():
            if not words:
                raise ValueError(f"classes.{name} has no word")
            for word in words:
                other = owner.setdefault(word.casefold(), name)
                if other != name:
                    raise ValueError(f"the word '{word}' stands under {other} and under {name}")
        return self

    @property
    def names(self) -> list[str]:
        """The classes, in their order."""
        return list(self.classes)
