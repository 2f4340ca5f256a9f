"""Typed settings of a study of time to event."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings
from spl_kedro.schemas import MODELS


class EventWords(Settings):
    """What the column of events may say."""

    happened: tuple[str, ...] = Field(
        ("yes", "1", "true", "dead"), min_length=1, description="the event happened at that time"
    )
    censored: tuple[str, ...] = Field(
        ("no", "0", "false", "alive"),
        min_length=1,
        description="it had not happened when the patient was last seen",
    )

    @model_validator(mode="after")
    def _are_apart(self) -> EventWords:
        both = {w.casefold() for w in self.happened} & {w.casefold() for w in self.censored}
        if both:
            raise ValueError(f"the word '{min(both)}' stands under happened and under censored")
        return self


class SurvivalSettings(Settings):
    """All of `params:survival`: where the follow-up stands, and how models of it are judged."""

    time: str | None = Field(
        None, description="column of the hospital's table with the time watched; null: none"
    )
    event: str | None = Field(None, description="column that says whether the event happened")
    event_name: str = Field("event", min_length=1, description="what the event is, for people")
    unit: Literal["days", "months"] = Field("months", description="of `time`")
    words: EventWords = EventWords()
    models: tuple[str, ...] = Field(
        MODELS, min_length=1, description="models of modeling.models whose features are used"
    )
    min_events: int = Field(20, ge=2, le=100_000, description="events that training must have")
    penalties: tuple[float, ...] = Field(
        (0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
        min_length=1,
        description="ridge penalties tried, per patient; chosen inside every fit",
    )
    penalty_folds: int = Field(5, ge=2, le=10, description="folds in which a fit chooses it")
    times: tuple[float, ...] = Field(
        (12.0, 24.0, 36.0),
        min_length=1,
        description="times, in `unit`, at which the AUC is given; C-indices end at the last",
    )
    calibration_time: float = Field(
        24.0, gt=0, description="time, in `unit`, at which foretold risks are compared"
    )
    calibration_groups: int = Field(4, ge=2, le=10, description="groups of patients by risk there")

    @model_validator(mode="after")
    def _fit_together(self) -> SurvivalSettings:
        if (self.time is None) != (self.event is None):
            raise ValueError("time and event are named together, or neither")
        if any(p <= 0 for p in self.penalties):
            raise ValueError(f"penalties must be above 0, got {self.penalties}")
        if list(self.times) != sorted(set(self.times)) or self.times[0] <= 0:
            raise ValueError(f"times must be above 0 and increase, got {self.times}")
        return self
