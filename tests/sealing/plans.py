"""A small plan, and a study judged by it."""

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.sealing import (
    LookLog,
    SealingSettings,
    SealState,
    analysis_plan,
    append_looks,
    judge_seal,
)
from spl_kedro.sealing.state import new_look

SEALED = SealingSettings(sealed=True)


def divided() -> pd.DataFrame:
    cohort = ["training"] * 8 + ["validation"] * 4 + ["external"] * 2
    return pd.DataFrame(
        {
            "patient_id": [f"p{i // 2}" for i in range(14)],
            "image_sha256": [f"{i:064d}" for i in range(14)],
            "cohort": cohort,
            "label": pd.array([0, 1] * 4 + [None] * 6, dtype="Int64"),
        },
        index=pd.Index([f"L{i:02d}" for i in range(14)], name="lesion_id"),
    )


def plan(sources="a" * 64, table=None, sealing=SEALED, **modeling) -> dict:
    clinical = [{"name": "age", "kind": "numeric", "column": "age", "minimum": 18}]
    cohort = CohortSettings(
        simulated=True,
        columns={"lesion_id": "case", "label": "result", "cohort": "cohort"},
        clinical=clinical,
        split={"seed": 1},
    )
    groups = {
        "data_processing": cohort,
        "modeling": ModelingParameters(**({"seed": 1} | modeling)),
    }
    code = {"version": "c" * 40, "git_dirty": "false", "sources_sha256": sources}
    return analysis_plan(
        divided() if table is None else table, groups, sealing, code, "2026-03-24T00:00:00+00:00"
    )


def state(first: dict, current: dict, *looks: dict) -> SealState:
    log = LookLog()
    for own in looks:
        _, log = append_looks(log, [new_look("unseal", first, own, divided())])
    return judge_seal(first, current, log, divided())
