"""What the served study takes and gives, in MLflow's types, and an example of it."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import Array, Object, Property
from PIL import Image

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.refits import REFITTED

_EDGE = 128  # of the drawn example, in pixels


def signature_of(study: PackagedStudy) -> ModelSignature:
    """Return the signature of a served study: its own variables among the inputs.

    Parameters
    ----------
    study : PackagedStudy
    """
    kinds = {"numeric": DataType.double, "category": DataType.string}
    variables = [
        Property(variable.name, kinds[variable.kind], required=False)
        for variable in study.cohort.clinical
    ]
    inputs: list[Any] = [
        ColSpec(DataType.string, "image", required=False),
        ColSpec(DataType.string, "outline", required=False),
        ColSpec(DataType.double, "spacing_mm", required=False),
        ColSpec(DataType.string, "site", required=False),
    ]
    if variables:
        inputs.append(ColSpec(Object(variables), "clinical", required=False))
    texts = ("model", "decision", "zone", "diagnoses", "note")
    score = [Property(name, DataType.string) for name in texts]
    score.append(Property("score", DataType.double, required=False))
    score += [Property(name, DataType.double) for name in ("threshold", "stated_coverage")]
    score.append(Property("refits", DataType.long))
    spread = [name for name in REFITTED if name != "refits"]
    score += [Property(name, DataType.double, required=False) for name in spread]
    warning = [Property(name, DataType.string) for name in ("field", "rule", "message")]
    outputs: list[Any] = [
        ColSpec(DataType.string, "study_id"),
        ColSpec(DataType.boolean, "simulated"),
        ColSpec(Array(Object(score)), "scores"),
        ColSpec(Array(Object(warning)), "warnings"),
    ]
    signature = ModelSignature(Schema(inputs), Schema(outputs))
    # So that MLflow hands over a request as it was sent. Otherwise it drops fields that it does
    # not know, and a misspelt variable would be one that the patient does not have.
    signature._is_signature_from_type_hint = True
    return signature


def example_case(study: PackagedStudy) -> dict[str, Any]:
    """Return a case of nobody: a drawn spot, and the values of a mean of training lesions.

    Parameters
    ----------
    study : PackagedStudy
    """
    rows, columns = np.mgrid[:_EDGE, :_EDGE] / _EDGE
    inside = ((rows - 0.5) / 0.2) ** 2 + ((columns - 0.5) / 0.3) ** 2 < 1
    waves = 40 * np.sin(25 * rows) * np.cos(17 * columns)
    image = np.where(inside, 70, 170) + waves + 40 * rows
    mean = study.background.iloc[0]
    kinds = {variable.name: variable.kind for variable in study.cohort.clinical}
    clinical = {
        name: float(mean[name]) if kinds[name] == "numeric" else str(mean[name])
        for name in study.variables
        if name in mean.index and not pd.isna(mean[name])
    }
    return {
        "image": _png(np.clip(image, 0, 255).astype(np.uint8)),
        "outline": _png(np.where(inside, 255, 0).astype(np.uint8)),
        "spacing_mm": float(study.typical.get("spacing_low", 0.1)),
        "site": study.sites[0],
        "clinical": clinical,
    }


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
