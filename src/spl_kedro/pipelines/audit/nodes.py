"""Nodes of the permutation audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from matplotlib.figure import Figure
from tqdm import tqdm

from spl_kedro.features.deep import (
    assign_folds,
    crop_all,
    embed_cohort,
    reduce_embeddings,
    train_networks,
)
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.audit.figure import audit_figure
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.modeling.nodes import assemble_table
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.signatures.audit import (
    AUDIT_COLUMNS,
    audit_shuffle,
    shuffled_labels,
    summarise_audit,
)

WITHOUT_NETWORK = ("clinical", "rad")
WITH_NETWORK = ("dtl", "dlr", "cdlr")


def audit_without_network(
    cohort: pd.DataFrame,
    radiomics_features: pd.DataFrame,
    dtl_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    deep_folds: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: AuditParameters,
) -> pd.DataFrame:
    """Shuffle the labels under the clinical and the radiomics model."""
    settings = _with_repeats(modeling, parameters.n_repeats)
    parts = []
    for shuffle in tqdm(range(parameters.n_shuffles), desc="audit", unit="shuffle"):
        dealt = cohort.assign(label=shuffled_labels(cohort, parameters.seed, shuffle))
        # The folds of the true labels are not stratified by the shuffled ones.
        table = assemble_table(
            dealt,
            radiomics_features,
            dtl_features,
            radiomics_schema,
            radiomics_stability,
            deep_folds.head(0),
            settings,
        )
        parts.append(audit_shuffle(table, table, shuffle, settings, WITHOUT_NETWORK))
    return pd.concat(parts, ignore_index=True)


def audit_with_network(
    cohort: pd.DataFrame,
    lesions: Mapping[str, Callable[[], Lesion]],
    radiomics_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: AuditParameters,
) -> pd.DataFrame:
    """Shuffle the labels under the models with deep features, and train the networks on them."""
    settings = _with_repeats(modeling, parameters.n_repeats)
    deep = parameters.deep
    if not parameters.deep_shuffles:
        return pd.DataFrame(columns=list(AUDIT_COLUMNS))
    crops, _ = crop_all({name: lesions[name] for name in cohort.index if name in lesions}, deep)
    parts = []
    for shuffle in tqdm(range(parameters.deep_shuffles), desc="deep audit", unit="shuffle"):
        dealt = cohort.assign(label=shuffled_labels(cohort, parameters.seed, shuffle))
        folds = assign_folds(dealt, deep.folds, deep.seed)
        networks = train_networks(crops, dealt, folds, deep)
        states = {network.name: network.state for network in networks}
        tables = [
            assemble_table(
                dealt,
                radiomics_features,
                reduce_embeddings(embeddings, folds.index, deep.components),
                radiomics_schema,
                radiomics_stability,
                folds,
                settings,
            )
            for embeddings in embed_cohort(crops, dealt, folds, states, deep)
        ]
        parts.append(audit_shuffle(*tables, shuffle, settings, WITH_NETWORK))
    return pd.concat(parts, ignore_index=True)


def judge_audit(
    without_network: pd.DataFrame, with_network: pd.DataFrame, cohort: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, Figure]:
    """Return all shuffles, their summary and the figure."""
    audit = pd.concat([without_network, with_network], ignore_index=True)
    audit = audit.astype({"shuffle": "int64", "auc": "float64"})
    simulated = bool(cohort["simulated"].all())
    return audit, summarise_audit(audit), audit_figure(audit, simulated=simulated)


def _with_repeats(modeling: ModelingParameters, n_repeats: int) -> ModelingParameters:
    protocol = modeling.protocol.model_copy(update={"n_repeats": n_repeats})
    return modeling.model_copy(update={"protocol": protocol})
