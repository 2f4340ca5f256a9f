"""Nodes of the permutation audit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import is_simulated


def shuffle_and_run(
    cohort: pd.DataFrame,
    lesions: Mapping[str, Callable[[], Lesion]],
    radiomics_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    further_features: Mapping[str, Mapping[str, pd.DataFrame]],
    modeling: ModelingParameters,
    parameters: AuditParameters,
) -> pd.DataFrame:
    """Return the AUC of every model on every shuffle, under both protocols."""
    from spl_kedro.features.deep import crop_all
    from spl_kedro.parallel import in_parallel
    from spl_kedro.pipelines.audit.shuffles import AuditInputs, ShuffleTask
    from spl_kedro.reuse import note_reuse
    from spl_kedro.store import ContentStore

    crops = None
    if parameters.deep_shuffles:
        own = {name: lesions[name] for name in cohort.index if name in lesions}
        crops, _ = crop_all(own, parameters.deep)
    inputs = AuditInputs(
        cohort,
        radiomics_features,
        radiomics_schema,
        radiomics_stability,
        further_features,
        crops,
        modeling,
        parameters,
    )
    store, key = ContentStore(parameters.checkpoints), inputs.key()
    tasks = [ShuffleTask(inputs, shuffle, store, key) for shuffle in range(parameters.n_shuffles)]
    note_reuse("shuffles", sum(store.holds(task.key) for task in tasks), len(tasks))
    with _quiet_workers():
        parts = in_parallel(tasks, parameters.n_jobs, "audit", "shuffle", shared=[inputs])
    for task in tasks:  # the audit is complete
        store.discard(task.key)
    return pd.concat(parts, ignore_index=True)


def probe_nested_networks(
    modeling: ModelingParameters, parameters: AuditParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the AUC that label-copying networks leak, draw by draw, and its summary."""
    from spl_kedro.modeling.signatures.nesting_probe import probe_nesting, summarise_probe

    probe = probe_nesting(
        parameters.probe_draws,
        modeling.seed,
        folds=parameters.deep.folds,
        n_jobs=parameters.n_jobs,
    )
    return probe, summarise_probe(probe)


@contextmanager
def _quiet_workers() -> Iterator[None]:
    """Show one progress bar: processes started here draw none of their own."""
    before = os.environ.get("TQDM_DISABLE")
    os.environ["TQDM_DISABLE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["TQDM_DISABLE"]
        else:
            os.environ["TQDM_DISABLE"] = before


def judge_audit(audit: pd.DataFrame, cohort: pd.DataFrame) -> tuple[pd.DataFrame, Drawing]:
    """Return the summary of all shuffles and the figure."""
    from spl_kedro.modeling.signatures.audit import summarise_audit
    from spl_kedro.pipelines.audit.figure import audit_figure

    simulated = is_simulated(cohort)
    return summarise_audit(audit), Drawing(audit_figure, audit, simulated=simulated)
