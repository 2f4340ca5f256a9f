"""One shuffle of the audit from its labels to its AUCs, and where finished ones are kept."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from spl_kedro import __version__
from spl_kedro.features.deep import assign_folds, embed_cohort, reduce_embeddings, train_networks
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import MODELS
from spl_kedro.signatures.audit import audit_shuffle, shuffled_labels
from spl_kedro.signatures.sources import SourceTables, declared_tables
from spl_kedro.signatures.study_table import StudyTable, assemble_study_table

WITHOUT_NETWORK = ("clinical", "rad")


@dataclass(frozen=True)
class AuditInputs:
    """What every shuffle starts from.

    Attributes
    ----------
    cohort, radiomics, schema, stability : DataFrame
        As in the catalog.
    further : mapping of str to mapping of str to DataFrame
        The catalog's ``further_features``.
    crops : LesionCrops or None
        What the networks see; None when no shuffle trains one.
    modeling : ModelingParameters
    parameters : AuditParameters
    """

    cohort: pd.DataFrame
    radiomics: pd.DataFrame
    schema: pd.DataFrame
    stability: pd.DataFrame
    further: Mapping[str, Mapping[str, pd.DataFrame]]
    crops: LesionCrops | None
    modeling: ModelingParameters
    parameters: AuditParameters

    def key(self) -> str:
        """Return a key that changes with anything the shuffles' results depend on."""
        digest = hashlib.sha256(__version__.encode())
        without_effect = {"n_shuffles", "deep_shuffles", "n_jobs", "checkpoints"}
        digest.update(self.parameters.model_dump_json(exclude=without_effect).encode())
        digest.update(self.modeling.model_dump_json(exclude={"n_jobs"}).encode())
        further = [table for tables in self.further.values() for table in tables.values()]
        for table in (self.cohort, self.radiomics, self.schema, self.stability, *further):
            digest.update(" ".join(map(str, table.columns)).encode())
            digest.update(pd.util.hash_pandas_object(table).to_numpy().tobytes())
        if self.crops is not None:
            digest.update(" ".join(self.crops.lesion_ids).encode())
            digest.update(np.ascontiguousarray(self.crops.pixels).tobytes())
        return digest.hexdigest()[:24]


class ShuffleStore:
    """Files of finished shuffles under one key; without a folder it stores nothing.

    Parameters
    ----------
    folder : str or None
        Parent of all audits' folders.
    key : str
        From :meth:`AuditInputs.key`: other data or settings never meet these files.
    """

    def __init__(self, folder: str | None, key: str) -> None:
        self._folder = Path(folder) / key if folder else None

    def load(self, name: str) -> pd.DataFrame | None:
        """Return a finished shuffle, or None."""
        path = self._path(name)
        return pd.read_parquet(path) if path is not None and path.is_file() else None

    def save(self, name: str, aucs: pd.DataFrame) -> None:
        """Keep a finished shuffle; its file appears whole or not at all."""
        path = self._path(name)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        aucs.to_parquet(unfinished)
        unfinished.replace(path)

    def clear(self) -> None:
        """Remove the files: the audit is complete."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{name}.parquet"


class ShuffleTask:
    """Deal the labels out, train whatever learns from them, return the AUCs.

    Parameters
    ----------
    inputs : AuditInputs
    shuffle : int
        Number of the shuffle; the first `deep_shuffles` train networks.
    store : ShuffleStore
    """

    def __init__(self, inputs: AuditInputs, shuffle: int, store: ShuffleStore) -> None:
        self.inputs, self.shuffle, self.store = inputs, shuffle, store

    def __call__(self) -> pd.DataFrame:
        """Return the rows of :func:`spl_kedro.signatures.audit.audit_shuffle`."""
        with_network = self.shuffle < self.inputs.parameters.deep_shuffles
        name = f"shuffle_{self.shuffle:04d}" + ("_deep" if with_network else "")
        stored = self.store.load(name)
        if stored is not None:
            return stored
        labels = shuffled_labels(self.inputs.cohort, self.inputs.parameters.seed, self.shuffle)
        dealt = self.inputs.cohort.assign(label=labels)
        # Shuffles run side by side: inside one, nothing does.
        settings = self.inputs.modeling.model_copy(update={"n_jobs": 1})
        if with_network:
            cross_fitted, in_sample = self.tables_with_networks(dealt)
            aucs = audit_shuffle(cross_fitted, in_sample, self.shuffle, settings, MODELS)
        else:
            table = self._table(dealt, SourceTables(pd.DataFrame(index=dealt.index)))
            aucs = audit_shuffle(table, table, self.shuffle, settings, WITHOUT_NETWORK)
        self.store.save(name, aucs)
        return aucs

    def tables_with_networks(self, dealt: pd.DataFrame) -> list[StudyTable]:
        """Return the tables with cross-fitted and with in-sample deep features.

        Parameters
        ----------
        dealt : DataFrame
            The cohort with the labels networks and signatures are to learn from.
        """
        deep, crops = self.inputs.parameters.deep, self.inputs.crops
        assert crops is not None
        folds = assign_folds(dealt, deep.folds, deep.seed)
        networks = train_networks(crops, dealt, folds, deep)
        states = {network.name: network.state for network in networks}
        return [
            self._table(
                dealt, SourceTables(reduce_embeddings(embeddings, folds.index, deep.components))
            )
            for embeddings in embed_cohort(crops, dealt, folds, states, deep)
        ]

    def _table(self, dealt: pd.DataFrame, deep: SourceTables) -> StudyTable:
        inputs, modeling = self.inputs, self.inputs.modeling
        radiomics = SourceTables(inputs.radiomics, inputs.schema, inputs.stability)
        own = {"radiomics": radiomics, "deep": deep}
        return assemble_study_table(
            dealt,
            declared_tables(modeling.sources, own, inputs.further),
            icc_bound=modeling.selection.icc_bound,
            exclude=modeling.clinical.exclude,
        )
