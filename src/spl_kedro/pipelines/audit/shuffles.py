"""One shuffle of the audit, from its labels to its AUCs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import pandas as pd

from spl_kedro import __version__
from spl_kedro.features.deep import assign_folds, embed_cohort, embed_nested, train_networks
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.modeling.signatures.audit import audit_shuffle, cross_fitted_once, shuffled_labels
from spl_kedro.modeling.signatures.nested import NestedFeatures, outer_folds
from spl_kedro.modeling.signatures.sources import SourceTables, declared_tables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import MODELS
from spl_kedro.store import ContentStore, content_key

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
        without_effect = {"n_shuffles", "deep_shuffles", "probe_draws", "n_jobs", "checkpoints"}
        crops = self.crops
        further = [table for tables in self.further.values() for table in tables.values()]
        return content_key(
            __version__,
            self.parameters.model_dump_json(exclude=without_effect),
            self.modeling.model_dump_json(exclude={"n_jobs"}),
            [self.cohort, self.radiomics, self.schema, self.stability, *further],
            None if crops is None else [list(crops.lesion_ids), crops.pixels],
        )


class ShuffleTask:
    """Deal the labels out, train whatever learns from them, return the AUCs.

    Parameters
    ----------
    inputs : AuditInputs
    shuffle : int
        Number of the shuffle; the first `deep_shuffles` train networks.
    store : ContentStore
        Where finished shuffles are kept.
    inputs_key : str
        From :meth:`AuditInputs.key`: other data or settings never meet these entries.
    """

    def __init__(
        self, inputs: AuditInputs, shuffle: int, store: ContentStore, inputs_key: str
    ) -> None:
        self.inputs, self.shuffle, self.store = inputs, shuffle, store
        self.with_network = shuffle < inputs.parameters.deep_shuffles
        self.key = content_key(inputs_key, shuffle, self.with_network)

    def __call__(self) -> pd.DataFrame:
        """Return the rows of :func:`spl_kedro.modeling.signatures.audit.audit_shuffle`."""
        stored = self.store.load(self.key)
        if stored is not None:
            return pd.read_parquet(BytesIO(stored))
        labels = shuffled_labels(self.inputs.cohort, self.inputs.parameters.seed, self.shuffle)
        dealt = self.inputs.cohort.assign(label=labels)
        # Shuffles run side by side: inside one, nothing does.
        settings = self.inputs.modeling.model_copy(update={"n_jobs": 1})
        if self.with_network:
            cross_fitted, in_sample = self.tables_with_networks(dealt)
            aucs = audit_shuffle(cross_fitted, in_sample, self.shuffle, settings, MODELS)
        else:
            table = self._table(dealt, SourceTables(pd.DataFrame(index=dealt.index)))
            aucs = audit_shuffle(table, table, self.shuffle, settings, WITHOUT_NETWORK)
        self.store.save(self.key, aucs.to_parquet())
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
        cross_fitted, in_sample = (
            SourceTables(embeddings, components=deep.components)
            for embeddings in embed_cohort(crops, dealt, folds, states, deep)
        )
        nested = None
        if deep.nests:
            outer = outer_folds(dealt, cross_fitted_once(self.inputs.modeling))
            nested = NestedFeatures(outer, embed_nested(crops, dealt, folds, outer, states, deep))
        return [self._table(dealt, cross_fitted, nested), self._table(dealt, in_sample)]

    def _table(
        self, dealt: pd.DataFrame, deep: SourceTables, nested: NestedFeatures | None = None
    ) -> StudyTable:
        inputs, modeling = self.inputs, self.inputs.modeling
        radiomics = SourceTables(inputs.radiomics, inputs.schema, inputs.stability)
        own = {"radiomics": radiomics, "deep": deep}
        return assemble_study_table(
            dealt,
            declared_tables(modeling.sources, own, inputs.further),
            icc_bound=modeling.selection.icc_bound,
            exclude=modeling.clinical.exclude,
            nested=nested,
        )
