"""What the DTL signature reaches: from any starting weights, on true or shuffled labels.

    python benchmarks/dtl.py --deep resnet50 --stored
    python benchmarks/dtl.py --deep resnet50 --weights data/06_models/pretrained_network.pt
    python benchmarks/dtl.py --deep resnet50 --shuffle 0

Takes lesions, cohort and settings from the catalog of a Kedro environment whose `data_processing`
has run, trains the networks of both protocols and fits the DTL signature, and nothing else; with
`--stored` networks and embeddings are those of the last `deep_features` run. `--deep` names the
network that is trained where the environment has a frozen one, as `make run DEEP=...` does. Nothing
is written but the file asked for, and the embeddings with `--keep`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from spl_kedro.features.deep import (
    REFIT,
    DeepSettings,
    assign_folds,
    crop_all,
    embed,
    embed_cohort,
    fold_name,
    load_network,
    train_networks,
)
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.signatures.audit import shuffled_labels
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import CORE_COLUMNS
from spl_kedro.settings import PROJECT_ROOT

#: What `make run DEEP=...` sets beside the architecture.
TRAINED = {"weights": "none", "trained_blocks": "all", "pooling": "last", "image_size": 64}


def dtl_table(cohort: pd.DataFrame, embeddings: pd.DataFrame, components: int) -> StudyTable:
    """Return a study table that holds the deep source only."""
    deep = SourceTables(embeddings, components=components)
    own = cohort[[name for name in cohort if name in CORE_COLUMNS]]
    return assemble_study_table(own, {"deep": deep})


def class_scores(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    states: Mapping[str, Any],
    settings: DeepSettings,
) -> tuple[pd.Series, pd.Series]:
    """Return the networks' own logit margins.

    Returns
    -------
    cross_fitted : Series
        Training lesions by the network that never saw them, others by the mean of the folds.
    in_sample : Series
        Every lesion by the refit.
    """
    with reproducible(settings):
        margins = {
            name: pd.Series(
                embed(load_network(state, settings), crops.pixels, settings)[1], crops.lesion_ids
            )
            for name, state in states.items()
        }
    numbers = sorted(folds["fold"].unique())
    cross_fitted = sum(margins[fold_name(n)] for n in numbers) / len(numbers)
    for n in numbers:
        held_out = folds.index[folds["fold"] == n].intersection(cross_fitted.index)
        cross_fitted[held_out] = margins[fold_name(n)][held_out]
    return cross_fitted.loc[cohort.index], margins[REFIT].loc[cohort.index]


def auc_rows(scored: str, protocol: str, scores: pd.DataFrame) -> list[dict[str, object]]:
    """Return an AUC with DeLong's 95 % interval for each cohort; columns cohort, label, score."""
    rows = []
    for name, part in scores.groupby("cohort"):
        area = auc_interval(part["label"], part["score"])
        # One score for all lesions is no evidence about them: no interval.
        known = part["score"].nunique() > 1
        rows.append(
            {
                "scored": scored,
                "protocol": protocol,
                "cohort": name,
                "n": len(part),
                "auc": area.auc,
                "low": area.low if known else None,
                "high": area.high if known else None,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", help="Kedro environment; none: that of `kedro run`")
    parser.add_argument("--deep", metavar="NETWORK", help="a torchvision classifier to train")
    parser.add_argument("--shuffle", type=int, metavar="N", help="shuffle the labels, shuffle N")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--weights", help="none, imagenet or a weights file")
    parser.add_argument("--stored", action="store_true", help="take the last run's networks")
    parser.add_argument("--keep", metavar="FOLDER", help="write embeddings and folds there")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()
    if options.stored and (options.weights or options.changes or options.shuffle is not None):
        parser.error("--stored takes everything from the last run")

    bootstrap_project(PROJECT_ROOT)
    with KedroSession.create(PROJECT_ROOT, env=options.env) as session:
        context = session.load_context()
        load = context.catalog.load
        lesions, cohort = load("lesions"), load("cohort")
        chosen = dict(context.params["deep_features"])
        modeling = ModelingParameters.model_validate(context.params["modeling"])
    if options.deep:
        chosen |= {"architecture": options.deep, **TRAINED}
    chosen |= {key: json.loads(value) for key, value in (c.split("=", 1) for c in options.changes)}
    if options.weights:
        chosen["weights"] = options.weights
    settings = DeepSettings.model_validate(chosen)
    if settings.frozen:
        parser.error("the network of this environment is frozen: name one to train with --deep")
    if options.shuffle is not None:
        dealt = shuffled_labels(cohort, modeling.seed, options.shuffle)
        cohort = cohort.assign(label=dealt)

    crops, _ = crop_all({name: lesions[name] for name in cohort.index if name in lesions}, settings)
    cohort = cohort.loc[cohort.index.isin(crops.lesion_ids)].sort_index()
    if options.stored:
        folds = load("deep_folds")
        states = {name: state() for name, state in load("deep_networks").items()}
        embeddings = load("deep_embeddings"), load("deep_embeddings_as_published")
    else:
        began = time.perf_counter()
        folds = assign_folds(cohort, settings.folds, settings.seed)
        networks = train_networks(crops, cohort, folds, settings)
        states = {network.name: network.state for network in networks}
        embeddings = embed_cohort(crops, cohort, folds, states, settings)
        speed = np.mean([network.images_per_second for network in networks])
        seconds = time.perf_counter() - began
        print(f"networks and embeddings: {seconds:.0f} s, {speed:.0f} images per second")
    if options.keep:
        folder = Path(options.keep)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in zip(("cross_fitted", "as_published"), embeddings, strict=True):
            table.to_parquet(folder / f"{name}.parquet")
        cohort.join(folds)[["patient_id", "cohort", "label", "fold"]].to_parquet(
            folder / "lesions.parquet"
        )

    rows = []
    scores = class_scores(crops, cohort, folds, states, settings)
    for protocol, own in zip(("leak_free", "as_published"), scores, strict=True):
        rows += auc_rows("network", protocol, cohort[["cohort", "label"]].assign(score=own))
    for protocol, embedding in zip(("leak_free", "as_published"), embeddings, strict=True):
        table = dtl_table(cohort, embedding, settings.components)
        result = run_protocol(table, modeling, protocol, ["dtl"])
        rows += auc_rows("dtl", protocol, result.predictions)

    print(pd.DataFrame(rows).to_string(index=False, float_format="%.3f"))
    if options.json:
        content = {"env": options.env, "shuffle": options.shuffle, "auc": rows}
        content |= {"settings": settings.model_dump(exclude={"checkpoints"})}
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
