"""Sealed validation: the plan stored before, the looks taken at it, and what changed since."""

from spl_kedro.sealing.changes import Change, plan_changes
from spl_kedro.sealing.looks import (
    NEEDS_OPEN,
    OPENS_SEALED,
    Look,
    LookLog,
    append_looks,
    read_looks,
)
from spl_kedro.sealing.plan import analysis_plan
from spl_kedro.sealing.settings import PrimaryComparison, SealingSettings
from spl_kedro.sealing.state import SealState, judge_seal

__all__ = [
    "NEEDS_OPEN",
    "OPENS_SEALED",
    "Change",
    "Look",
    "LookLog",
    "PrimaryComparison",
    "SealState",
    "SealingSettings",
    "analysis_plan",
    "append_looks",
    "judge_seal",
    "plan_changes",
    "read_looks",
]
