"""Tracked trainings: each record becomes a child run of the current MLflow run."""

from __future__ import annotations

import json
import math
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.drawing import Drawing, Rendering
from spl_kedro.parameters import without_folder
from spl_kedro.quiet import without_registry_notes
from spl_kedro.spreadsheets import inert_table
from spl_kedro.tracking import TrainingRecord

# What MLflow calls the types of most columns.
_NUMBERS = {"float64": "double", "float32": "float"}
# MLflow takes at most this many characters of a parameter.
_LENGTH = 6000


class TrainingRunsDataset(AbstractDataset):
    """A list of :class:`~spl_kedro.tracking.TrainingRecord`.

    Saving writes what was trained, without the models, to a JSON file, and logs one child
    run for each record where MLflow tracks the pipeline. Loading returns the JSON's content.

    Parameters
    ----------
    filepath : str
        The JSON file.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._file = StoredFile(filepath, checksum=True)
        self.metadata = metadata

    def load(self) -> list[dict[str, Any]]:
        """Return name, params, metrics, curves and tags of each training."""
        return json.loads(self._file.read())

    def wanted(self, data: list[TrainingRecord]) -> list[tuple[Drawing, Rendering]]:
        """Return what is to be drawn when `data` is saved; nothing where MLflow tracks nothing."""
        import mlflow

        if mlflow.active_run() is None:
            return []
        return [
            (drawing, _picture(name)) for record in data for name, drawing in record.figures.items()
        ]

    def save(self, data: list[TrainingRecord]) -> None:
        """Write the file and log the child runs."""
        import mlflow

        content = [
            {
                "name": record.name,
                "params": {key: str(value) for key, value in record.params.items()},
                "metrics": _finite(record.metrics),
                "curves": {key: [float(v) for v in curve] for key, curve in record.curves.items()},
                "tags": record.tags,
            }
            for record in data
        ]
        self._file.write((json.dumps(content, indent=1) + "\n").encode())
        if mlflow.active_run() is not None:
            types = _types_of_models(data)
            for record in data:
                _log_child_run(record, types)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.sound()


def log_parameters(parameters: Mapping[str, Any]) -> None:
    """Log parameters to the active MLflow run, however many, without the folders of paths.

    Parameters
    ----------
    parameters : mapping of str to object
        Flat; see :func:`spl_kedro.parameters.flatten`.
    """
    import mlflow
    from mlflow.tracking import MlflowClient

    run = mlflow.active_run() or mlflow.start_run()
    MlflowClient().log_batch(run.info.run_id, params=_parameters(parameters))


def _parameters(parameters: Mapping[str, Any]) -> list[Any]:
    from mlflow.entities import Param

    return [Param(name, without_folder(value)[:_LENGTH]) for name, value in parameters.items()]


def _picture(name: str) -> Rendering:
    return Rendering(name, dpi=100)


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    return {name: float(v) for name, v in metrics.items() if v is not None and math.isfinite(v)}


def _types_of_models(data: list[TrainingRecord]) -> list[str]:
    """Return which types skops must be told to trust: those of scikit-learn and ours.

    Asked of all models at once, which share most of their parts.
    """
    models = [r.model for r in data if r.model is not None and r.model_flavour == "sklearn"]
    if not models:
        return []
    import skops.io

    types: list[str] = skops.io.get_untrusted_types(data=skops.io.dumps(models))
    return types


def _log_child_run(record: TrainingRecord, types: list[str]) -> None:
    import mlflow

    with mlflow.start_run(
        run_name=record.name, nested=True, tags=dict(record.tags), log_system_metrics=False
    ) as run:
        # First: after metrics, MLflow would read each one's history again to give it to the model.
        model_id = None if record.model is None else _log_model(record, types)
        _log_values(run.info.run_id, record, model_id)
        for name, table in record.tables.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"{name}.csv"
                inert_table(table).to_csv(path)
                mlflow.log_artifact(str(path), "tables")
        for name, drawing in record.figures.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"{name}.png"
                path.write_bytes(drawing.files(_picture(name)).png)
                mlflow.log_artifact(str(path), "figures")


def _log_values(run_id: str, record: TrainingRecord, model_id: str | None) -> None:
    """Log parameters, metrics and curves in as few requests as MLflow allows."""
    import time

    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    now = int(time.time() * 1000)
    values = [
        Metric(name, value, now, 0, model_id=model_id)
        for name, value in _finite(record.metrics).items()
    ]
    values += [
        Metric(name, float(value), now, step)
        for name, curve in record.curves.items()
        for step, value in enumerate(curve)
        if math.isfinite(value)
    ]
    MlflowClient().log_batch(run_id, metrics=values, params=_parameters(record.params))


def _log_model(record: TrainingRecord, types: list[str]) -> str:
    """Store the model and return MLflow's id of it."""
    if record.model_flavour == "sklearn":
        return _log_sklearn_model(record, types)
    if record.model_flavour == "pytorch":
        return _log_pytorch_model(record)
    raise DatasetError(
        f"{record.name}: the model flavour '{record.model_flavour}' is unknown; "
        "use 'sklearn' or 'pytorch'."
    )


def _log_sklearn_model(record: TrainingRecord, types: list[str]) -> str:
    import mlflow

    output = record.model.predict_proba(record.input_example)
    with without_registry_notes():
        info = mlflow.sklearn.log_model(
            record.model,
            name=record.model_name,
            registered_model_name=record.registered,
            signature=_signature(record.input_example, output),
            pyfunc_predict_fn="predict_proba",
            # Given, so that MLflow does not start a process to find them out.
            pip_requirements=["spl_kedro"],
            serialization_format="skops",
            skops_trusted_types=types,
        )
    if record.registered:
        _say_whose(record.registered, info.registered_model_version)
    model_id: str = info.model_id
    return model_id


def _say_whose(name: str, version: int) -> None:
    """Tag a registered version with what the run above says of its patients."""
    import mlflow

    run = mlflow.active_run()
    above = None if run is None else run.data.tags.get("mlflow.parentRunId")
    patients = above and mlflow.get_run(above).data.tags.get("patients")
    if patients:
        client = mlflow.MlflowClient()
        client.set_model_version_tag(name, str(version), "patients", patients)


def _signature(example: Any, output: Any) -> Any:
    """Return what `mlflow.models.infer_signature` does, without a look at each of 4,700 columns."""
    import pandas as pd
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, Schema

    if not isinstance(example, pd.DataFrame):
        return infer_signature(example, output)
    types = [_NUMBERS.get(str(kind)) for kind in example.dtypes]
    # Where all are numbers one stands for all: the output is inferred beside some input.
    places = [place for place, kind in enumerate(types) if kind is None] or [0]
    inferred = infer_signature(example.iloc[:, places], output)
    others = dict(zip(places, inferred.inputs.inputs, strict=True))
    known = example.notna().all()
    inputs = [
        others.get(place) or ColSpec(kind, name, required=bool(filled))
        for place, (kind, name, filled) in enumerate(zip(types, known.index, known, strict=True))
    ]
    return ModelSignature(Schema(inputs), inferred.outputs)


def _log_pytorch_model(record: TrainingRecord) -> str:
    import mlflow
    import numpy as np
    import torch
    from mlflow.models import infer_signature

    example = np.asarray(record.input_example, dtype=np.float32)
    model = record.model.eval()
    with torch.inference_mode():
        output = model(torch.from_numpy(example).to(next(model.parameters()).device))
    with warnings.catch_warnings():
        # Torch's own notes on tracing; the loaded network is compared in the tests.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.export")
        info = mlflow.pytorch.log_model(
            model,
            name=record.model_name,
            signature=infer_signature(example, output.float().cpu().numpy()),
            # The traced graph, which loads without unpickling; tracing needs an example.
            serialization_format="pt2",
            input_example=example,
            pip_requirements=["spl_kedro"],
        )
    model_id: str = info.model_id
    return model_id
