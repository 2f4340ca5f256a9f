"""What is unusual about a new case, as a careful reader would say it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import ImageFeatures
from spl_kedro.deployment.typical import deep_columns, deep_model, embedding_distance, outside_share
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.fitted_study import program_versions
from spl_kedro.modeling.signatures.fusion import FusionSignature

COLUMNS = ["lesion_id", "field", "rule", "message"]
#: Stands for the lesion where a finding concerns every case.
EVERYBODY = "all cases"
#: Features that give a lesion's size, in pixels of its outline or their volume.
_SIZES = ("original_shape2D_PixelSurface", "original_shape_VoxelVolume")
_PROGRAMS = ("spl_kedro", "numpy", "scikit-learn", "torch")


def find_unusual(
    study: PackagedStudy,
    rows: pd.DataFrame,
    features: ImageFeatures,
    variables: Collection[str],
    *,
    sites_known: bool = True,
    levels: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Return what is unusual about each case, beside the training lesions.

    Parameters
    ----------
    study : PackagedStudy
    rows : DataFrame, index lesion_id
        As :class:`spl_kedro.deployment.cases.Cases` has them.
    features : ImageFeatures
        Of those with an image.
    variables : collection of str
        Clinical variables that the cases have.
    sites_known : bool
        Whether `rows` say where each case comes from.
    levels : mapping of str to int, optional
        How many grey values each image holds (:func:`spl_kedro.deployment.typical.grey_levels`).

    Returns
    -------
    DataFrame
        Columns lesion_id, field (a variable, or ``image``, ``outline``, ``pixel size``,
        ``grey levels``, ``site``, ``version``), rule and message; sorted by lesion.
    """
    found: list[tuple[str, str, str, str]] = []
    for name in (name for name in study.variables if name in variables):
        found += _of_variable(study, rows[name])
    found += _of_spacing(study, rows[rows["has_image"]])
    if sites_known:
        for lesion_id, site in rows["site"].items():
            if site not in study.sites:
                message = f"{site} is none of the training sites ({', '.join(study.sites)})."
                found.append((str(lesion_id), "site", "a site known from training", message))
    found += _of_levels(study, levels or {})
    found += _of_images(study, features)
    found += _of_versions(study)
    return pd.DataFrame(found, columns=COLUMNS, dtype="str").sort_values(
        "lesion_id", kind="stable", ignore_index=True
    )


def _of_variable(study: PackagedStudy, values: pd.Series) -> list[tuple[str, str, str, str]]:
    name = str(values.name)
    seen = study.ranges.loc[[name]].to_dict("records")[0]
    found = []
    for lesion_id, value in values.items():
        if pd.isna(value):
            rule, message = "a value", f"not known; {_stand_in(study, name)} stands for it."
        elif seen["categories"]:
            if str(value) in seen["categories"].split("|"):
                continue
            rule = "a category known from training"
            message = f"'{value}' was never seen in training ({seen['categories']})."
        else:
            low, high = float(seen["p01"]), float(seen["p99"])
            if np.isnan(low) or low <= float(value) <= high:
                continue
            rule = "a value as in training"
            message = f"{value:g}; of the training lesions 98 % lie from {low:g} to {high:g}."
        found.append((str(lesion_id), name, rule, message))
    return found


def _stand_in(study: PackagedStudy, name: str) -> str:
    """Say what a missing value of a variable is taken for."""
    models = [m.clinical_ if isinstance(m, FusionSignature) else m for m in study.models.values()]
    clinical = next((model for model in models if isinstance(model, ClinicalSignature)), None)
    codes = [] if clinical is None else clinical.encoder_.codes_
    code = next((code for code in codes if code.name == name), None)
    if code is None:
        return "nothing"
    if code.reference:
        return f"'{code.reference}', the most frequent category,"
    return f"{code.fill:g}, the training median,"


def _of_spacing(study: PackagedStudy, rows: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    found = []
    low, high = (study.typical.get(name) for name in ("spacing_low", "spacing_high"))
    for lesion_id, row in rows.iterrows():
        sizes = row[["spacing_row_mm", "spacing_col_mm"]].to_numpy(dtype=float)
        if np.isnan(sizes).any():
            if study.typical["spacing_known"] > 0.5:
                message = "not known; it was for most training lesions."
                found.append((str(lesion_id), "pixel size", "a known pixel size", message))
        elif low is not None and high is not None and (sizes.min() < low or sizes.max() > high):
            message = (
                f"{sizes[0]:.3g} x {sizes[1]:.3g} mm; of the training images 99 % lie from "
                f"{low:.3g} to {high:.3g} mm."
            )
            found.append((str(lesion_id), "pixel size", "a pixel size as in training", message))
    return found


def _of_levels(study: PackagedStudy, levels: Mapping[str, int]) -> list[tuple[str, str, str, str]]:
    low, high = (study.typical.get(f"grey_levels_{end}") for end in ("low", "high"))
    if low is None or high is None:
        return []
    return [
        (
            str(lesion_id),
            "grey levels",
            "as many grey levels as in training",
            f"{count} different grey values, by the bits a pixel has or by what was done to the "
            f"image; 99 % of the training images have {low:.0f} to {high:.0f}.",
        )
        for lesion_id, count in levels.items()
        if not low <= count <= high
    ]


def _of_images(study: PackagedStudy, features: ImageFeatures) -> list[tuple[str, str, str, str]]:
    table = features.tables[0]
    if table.empty:
        return []
    found = []
    share = outside_share(study.models, study.ranges, table)
    limit = study.typical.get("features_outside", np.inf)
    for lesion_id, value in zip(table.index, share, strict=True):
        if value > limit:
            message = (
                f"{100 * value:.0f} % of the features that the models use lie outside 98 % of the "
                f"training lesions; of these 99 % have at most {100 * limit:.0f} %."
            )
            found.append((str(lesion_id), "image", "texture as in training", message))
    for lesion_id, value in zip(table.index, _distances(study, features), strict=True):
        limit = study.typical["embedding_distance"]
        if value > limit:
            message = (
                f"the network's view of it lies {value:.2f} standard deviations from the mean "
                f"training lesion; of these 99 % lie within {limit:.2f}."
            )
            found.append((str(lesion_id), "image", "an image as in training", message))
    size = next((name for name in _SIZES if name in table and name in study.ranges.index), None)
    if size is not None:
        least = float(study.ranges["p01"][size])
        for lesion_id, value in table[size].items():
            if value < least:
                message = f"smaller than 99 % of the training lesions ({value:.0f} of {least:.0f})."
                found.append((str(lesion_id), "outline", "a lesion large enough", message))
    return found


def _distances(study: PackagedStudy, features: ImageFeatures) -> NDArray[np.float64]:
    name = deep_model(study.models)
    if name is None or "embedding_distance" not in study.typical:
        return np.full(len(features.lesions), -np.inf)
    model = study.models[name]
    reducer, columns = model.reduction_.reducers_["deep"], deep_columns(model)  # type: ignore[attr-defined]
    found = [embedding_distance(reducer, table[columns]) for table in features.tables]
    return np.asarray(np.mean(found, axis=0))


def _of_versions(study: PackagedStudy) -> list[tuple[str, str, str, str]]:
    made = study.manifest.get("versions", study.versions)
    here = program_versions(_PROGRAMS)
    found = []
    for name in _PROGRAMS:
        if name in made and made[name] != here[name]:
            message = f"{name} {here[name]} scores; the study was packaged with {made[name]}."
            found.append((EVERYBODY, "version", "programs of the study's own versions", message))
    return found
