"""Settings of the leak detector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings

#: Beginnings of words of what is known only with the diagnosis, or after it.
LABEL_WORDS = (
    *("malignan", "benign", "cancer", "carcino", "neoplas", "metasta", "tumour type", "tumor type"),
    *("patholog", "histolog", "cytolog", "diagnos", "biops", "reference standard", "ground truth"),
    *("birads", "bi rads", "lung rads", "ti rads", "interpretation", "verification", "tnm"),
    *("treatment", "therapy", "chemotherap", "radiotherap", "surger", "resection"),
    *("follow up", "followup", "outcome", "surviv", "recurren", "death"),
)


class LeakSettings(Settings):
    """How variables, sites, dates and orders that tell the label are found, and what is done."""

    action: Literal["flag", "leave_out", "refuse"] = Field(
        "flag",
        description="flag: listed and used all the same; leave_out: a clinical variable that is "
        "listed is taken from the study, the rest is flagged; refuse: the run ends",
    )
    auc: float = Field(
        0.98, ge=0.5, lt=1, description="AUC of a variable alone above which it is listed"
    )
    alpha: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="how often anything is listed where nothing leaks: of p-values corrected for "
        "the number of checks (Holm)",
    )
    minimum_cases: int = Field(
        5,
        ge=2,
        le=1000,
        description="values a class must have to be judged, and missing ones to be told of",
    )
    permutations: int = Field(
        4999, ge=999, le=100_000, description="shuffles of the labels behind a p-value"
    )
    words: tuple[str, ...] = Field(
        LABEL_WORDS,
        description="beginnings of words that a variable's name or categories should not have, "
        "beside those of the label itself",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="of shuffles and folds")
