"""The analysis plan: what will be done with the validation lesions, said before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.schemas import COHORTS
from spl_kedro.sealing.changes import CHECKSUM, CODE, checksum, flat_parameters
from spl_kedro.sealing.precision import expected_widths
from spl_kedro.sealing.settings import SealingSettings

#: A plan, ready for JSON; see :func:`analysis_plan`.
Plan = dict[str, Any]
ALL_READ = "The cohort's diagnoses are read in each run of the validation, and each is a look."
_RULES = {
    "youden": "largest sensitivity + specificity - 1",
    "sensitivity": "largest specificity that keeps the least sensitivity",
}


def split_checksum(divided: pd.DataFrame) -> str:
    """Return a checksum of who is in which cohort (64 hexadecimal digits).

    Parameters
    ----------
    divided : DataFrame, index `lesion_id`
        Columns image_sha256, cohort, label. Labels count of training lesions alone: those of the
        others are not known while these are sealed.
    """
    rows = divided.sort_index()
    own = rows["label"].where(rows["cohort"] == "training").astype("Int64").astype("str")
    text = rows[["image_sha256", "cohort"]].assign(label=own).to_csv()
    return hashlib.sha256(text.encode()).hexdigest()


def cohort_sizes(divided: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return lesions and patients of each cohort that has any; malignant ones of training."""
    sizes = {}
    for name in (name for name in COHORTS if (divided["cohort"] == name).any()):
        part = divided[divided["cohort"] == name]
        sizes[name] = {"lesions": len(part), "patients": int(part["patient_id"].nunique())}
        if name == "training":
            sizes[name]["malignant"] = int(part["label"].sum())
    return sizes


def labels_read(*, users_split: bool, external: bool) -> str:
    """Return what was read of the diagnoses of lesions outside the training cohort.

    Parameters
    ----------
    users_split : bool
        Whether the cohort table says who is in which cohort.
    external : bool
        Whether the study has external lesions.
    """
    if users_split:
        return (
            "The split stands in the cohort table: no diagnosis of a lesion outside the training "
            "cohort was read for it or for training."
        )
    return (
        "The split was drawn by patient, stratified by diagnosis: the diagnoses of the patients to "
        "be divided were read for this draw and for nothing else."
    ) + (" Of external sites none was read." if external else "")


def analysis_plan(
    divided: pd.DataFrame,
    groups: Mapping[str, Any],
    sealing: SealingSettings,
    code: Mapping[str, str],
    stored: str,
) -> Plan:
    """Return the plan of an analysis.

    Parameters
    ----------
    divided : DataFrame, index `lesion_id`
        Every usable lesion with its cohort; labels of training lesions.
    groups : mapping of str to Settings
        Parameters by pipeline: data_processing and modeling, and whatever else shapes results.
    sealing : SealingSettings
    code : mapping of str to str
        From :func:`spl_kedro.provenance.code_version`.
    stored : str
        Date and time.

    Returns
    -------
    dict
        What is planned in words (models, primary_comparison, thresholds, subgroups, sample_size,
        registration), what it rests on (split, code, parameters), the `hashes` of these three, and
        `sha256`, the checksum of all but the time.

    Raises
    ------
    UnusableStudyError
        If the primary comparison names a model that is not declared.
    """
    modeling = groups["modeling"]
    declared = {name: model.model_dump(mode="json") for name, model in modeling.models.items()}
    evaluation = modeling.evaluation
    users = groups["data_processing"].columns.cohort is not None
    words = {
        "models": {name: _made_of(model) for name, model in declared.items()},
        "primary_comparison": _primary(sealing, declared, evaluation.confidence),
        "thresholds": (
            f"{evaluation.threshold_rule}: {_RULES[evaluation.threshold_rule]}, of cross-fitted "
            "scores of training lesions; applied unchanged to all others"
        ),
        "subgroups": list(evaluation.subgroups),
    }
    parameters = flat_parameters({**groups, "sealing": sealing})
    external = bool((divided["cohort"] == "external").any())
    labels = labels_read(users_split=users, external=external)
    return _plan(words, divided, parameters, sealing, code, labels, stored)


def validation_plan(
    cohort: pd.DataFrame,
    study_id: str,
    models: Iterable[str],
    groups: Mapping[str, Any],
    sealing: SealingSettings,
    code: Mapping[str, str],
    stored: str,
) -> Plan:
    """Return the plan of the validation of a frozen study on a cohort elsewhere.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``, all external.
    study_id : str
        Which fixes models, thresholds and how images are measured.
    models : iterable of str
        Models of the study.
    groups : mapping of str to Settings or mapping
        What this environment decides: ``data_processing``, ``modeling.evaluation`` and more.
    sealing, code, stored
        As for :func:`analysis_plan`.

    Returns
    -------
    dict
        As :func:`analysis_plan` gives it; the parameters hold the study's number.

    Raises
    ------
    UnusableStudyError
        If the primary comparison names a model that the study does not have.
    """
    evaluation = groups["modeling.evaluation"]
    names = dict.fromkeys(models)
    here = sealing.primary.model_copy(update={"cohort": "external"})
    own = sealing.model_copy(update={"primary": here})
    words = {
        "models": dict.fromkeys(names, f"frozen, of study {study_id}"),
        "primary_comparison": _primary(own, names, evaluation.confidence),
        "thresholds": f"those of study {study_id}, unchanged",
        "subgroups": list(evaluation.subgroups),
    }
    parameters = {"study": study_id, **flat_parameters({**groups, "sealing": own})}
    return _plan(words, cohort, parameters, sealing, code, ALL_READ, stored)


def _plan(
    words: Mapping[str, Any],
    divided: pd.DataFrame,
    parameters: Mapping[str, str],
    sealing: SealingSettings,
    code: Mapping[str, str],
    labels: str,
    stored: str,
) -> Plan:
    split, sizes = split_checksum(divided), cohort_sizes(divided)
    plan: Plan = {
        "sealed": sealing.sealed,
        **words,
        "sample_size": _sample_size(sizes, sealing),
        "registration": sealing.registration,
        "split": {"sha256": split, **sizes, "labels_read": labels},
        "code": dict(code),
        "parameters": dict(parameters),
        "hashes": {
            "parameters": checksum(dict(parameters)),
            "code": code["sources_sha256"],
            "split": split,
        },
    }
    return {"stored": stored, "sha256": checksum(plan), **plan}


def comparable(plan: Plan) -> dict[str, str]:
    """Return what of a plan is compared with another: parameters, code and split, as texts."""
    counts = [
        f"{name} {plan['split'][name]['lesions']}" for name in COHORTS if name in plan["split"]
    ]
    code = plan["code"]
    dirty = " with changes not committed" if code.get("git_dirty") == "true" else ""
    return {
        **plan["parameters"],
        CODE: f"{code['version'][:12]}{dirty} ({CHECKSUM}{code['sources_sha256'][:12]})",
        "split": f"lesions: {', '.join(counts)} (checksum {plan['split']['sha256'][:12]})",
    }


def _made_of(model: Mapping[str, Any]) -> str:
    parts = []
    if model["score"]:
        parts.append(f"the score of {model['score']}")
    if model["sources"]:
        parts.append(f"features of {' and '.join(model['sources'])}")
    if model["clinical"]:
        groups = " and ".join(name.replace("_", " ") for name in model["clinical"])
        parts.append(f"clinical variables ({groups})")
    return "; ".join(parts)


def _primary(sealing: SealingSettings, declared: Mapping[str, Any], confidence: float) -> str:
    primary = sealing.primary
    for key, name in (("model", primary.model), ("against", primary.against)):
        if name not in declared:
            raise UnusableStudyError(
                "a primary comparison of models that exist",
                f"sealing.primary.{key} is {name}, which modeling.models does not declare; it "
                f"declares {', '.join(declared)}.",
                "Name one of these.",
            )
    return (
        f"AUC of {primary.model} minus AUC of {primary.against} in the {primary.cohort} cohort, "
        f"leak-free protocol, paired DeLong test, {confidence:.0%} interval; all other comparisons "
        "are secondary"
    )


def _sample_size(
    sizes: Mapping[str, Mapping[str, int]], sealing: SealingSettings
) -> dict[str, Any]:
    training = sizes.get("training", {"lesions": 0, "malignant": 0})
    share = training["malignant"] / training["lesions"] if training["lesions"] else 0.0
    return {
        "argument": sealing.sample_size,
        "malignant_share_of_training": round(share, 3),
        "expected_width_of_95_interval_by_auc": {
            name: expected_widths(size["lesions"], share)
            for name, size in sizes.items()
            if name != "training"
        },
    }
