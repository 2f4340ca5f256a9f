"""Readers' outlines against the machine's: the study's AUCs on the same lesions."""

from __future__ import annotations

import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation.auc_gain import auc_gain_table
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.schemas import COHORTS, MODELS

PROTOCOL = "leak_free"
_READER, _MACHINE = "{} by readers", "{} by machine"


def compare_outlines(
    reader: pd.DataFrame, machine: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Compare the models of two studies of the same cohort on the lesions that both scored.

    Parameters
    ----------
    reader, machine : DataFrame
        ``schemas.Predictions`` of the study on readers' and on the machine's outlines.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per cohort and model of the publication, of the leak-free protocol: n, events,
        unit; lost (of the reader's study, not in the machine's); reader_auc and machine_auc with
        _low and _high; difference (machine less reader) with _low and _high, paired: corrected
        resampled t of cross-fitted scores in the same folds, else DeLong; same_folds; confidence.

    Raises
    ------
    UnusableStudyError
        If the two have no lesion in one cohort in common, or are one study.
    """
    reader, machine = (_own(table) for table in (reader, machine))
    keys = ["lesion_id", "cohort"]
    if len(reader) == len(machine) and reader.reset_index(drop=True).equals(
        machine.reset_index(drop=True)
    ):
        raise UnusableStudyError(
            "two studies to compare",
            "both sets of predictions are the same, bit for bit.",
            "Run it in an environment of machine outlines: kedro run --env machine_outlines",
        )
    both = reader[keys].drop_duplicates().merge(machine[keys].drop_duplicates())
    if both.empty:
        raise UnusableStudyError(
            "the same lesions in the same cohorts",
            "the study on machine outlines has none of the reader study's.",
            "Divide its patients as the reader study's are: kedro run --env machine_outlines",
        )
    models = [name for name in MODELS if name in set(reader["model"]) & set(machine["model"])]
    rows = []
    for cohort in (name for name in COHORTS if name in set(both["cohort"])):
        common = both.loc[both["cohort"] == cohort, "lesion_id"]
        for model in models:
            first, second = (
                table[(table["model"] == model) & (table["cohort"] == cohort)]
                for table in (reader, machine)
            )
            lost = first["lesion_id"].nunique() - len(common)
            first, second = (part[part["lesion_id"].isin(common)] for part in (first, second))
            if first.empty or second.empty or first["label"].nunique() < 2:
                continue
            about = {"cohort": cohort, "model": model, "lost": lost}
            rows.append(about | _compared(first, second, model, settings))
    return pd.DataFrame(rows)


def _own(table: pd.DataFrame) -> pd.DataFrame:
    own = table[(table["protocol"] == PROTOCOL) & table["model"].isin(MODELS)]
    return own.sort_values(["model", "cohort", "repeat", "lesion_id"], kind="stable")


def _compared(
    reader: pd.DataFrame, machine: pd.DataFrame, model: str, settings: EvaluationSettings
) -> dict[str, object]:
    first, second = _READER.format(model), _MACHINE.format(model)
    joined = pd.concat([reader.assign(model=first), machine.assign(model=second)])
    found = auc_gain_table(joined, {first: first, second: first}, settings).set_index("model")
    one, other = found.loc[first], found.loc[second]
    keys = ["repeat", "lesion_id"]
    folds = [part.sort_values(keys)["fold"].to_numpy() for part in (reader, machine)]
    return {
        **{name: one[name] for name in ("n", "events", "unit")},
        **{f"reader_auc{end}": one[key] for end, key in _ENDS},
        **{f"machine_auc{end}": other[key] for end, key in _ENDS},
        **{f"difference{end}": other[f"gain{end}"] for end in ("", "_low", "_high")},
        "same_folds": len(folds[0]) == len(folds[1]) and bool((folds[0] == folds[1]).all()),
        "confidence": settings.confidence,
    }


_ENDS = (("", "auc"), ("_low", "low"), ("_high", "high"))
