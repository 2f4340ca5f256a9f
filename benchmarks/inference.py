"""Seconds to score a new patient with a packaged study, and whether the score is the study's own.

    python benchmarks/inference.py [--data data] [--json FILE]

Uses what ``make run`` and ``kedro run --pipelines package_study`` left. Each patient is scored by
itself, from image and outline in the memory of one process (warm); then with explanation, map and
page; then 500 lesions in one batch, beside what the training run's own steps (radiomics, crops,
embeddings, one by one on the same lesions) take for each. Radiomics features are measured anew.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.deployment.archive import read_study
from spl_kedro.deployment.findings import find_unusual
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.page import case_page
from spl_kedro.deployment.reasons import explain_cases, explained_model, map_cases
from spl_kedro.deployment.scoring import measure_images, score_cases, wide_tables
from spl_kedro.explainability.settings import GradCamSettings, ShapSettings
from spl_kedro.features.deep import FROZEN, crop_all, embed_frozen, load_network
from spl_kedro.features.measurement import ExecutionSettings, extract_features
from spl_kedro.imaging import Lesion

EXECUTION = ExecutionSettings(backend="threads")
BATCH, ALONE = 500, 50

Lesions = dict[str, Callable[[], Lesion]]


def score_one(
    study: PackagedStudy, rows: pd.DataFrame, lesion_id: str, lesion: Lesion, *, explain: bool
) -> tuple[float, pd.Series]:
    """Return the seconds a patient takes, and the scores by model."""
    readers: Lesions = {lesion_id: lambda: lesion}
    case = rows.loc[[lesion_id]]
    began = time.perf_counter()
    features = measure_images(study, readers, EXECUTION)
    scores = score_cases(study, case, features, study.variables)
    if explain:
        findings = find_unusual(study, case, features, study.variables)
        models = explained_model(scores)
        tables = wide_tables(study, case, features)
        reasons = explain_cases(study, tables, models, ShapSettings(permutations=10))
        said = {
            str(row["lesion_id"]): str(row["decision"])
            for row in scores.to_dict("records")
            if row["model"] == models[lesion_id]
        }
        maps = map_cases(study, readers, said, GradCamSettings())
        case_page(study, lesion_id, scores, reasons, findings, maps[0] if maps else None)
    taken = time.perf_counter() - began
    return taken, scores.set_index("model")["score"]


def training_seconds(study: PackagedStudy, lesions: Lesions, cohort: pd.DataFrame) -> float:
    """Return what the steps of a run take for these lesions: radiomics, crops, embeddings."""
    began = time.perf_counter()
    extract_features(lesions, study.radiomics, EXECUTION)
    crops, _ = crop_all(lesions, study.deep)
    network = load_network(study.networks[FROZEN], study.deep)
    embed_frozen(crops, cohort.loc[list(lesions)], network, study.deep)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the run's data")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()
    data = options.data
    study = read_study(data / "06_models/study.spl")
    cohort = pd.read_parquet(data / "03_primary/cohort.parquet")
    rows = cohort.assign(has_image=True)
    told = pd.read_parquet(data / "07_model_output/predictions.parquet")
    told = told[(told["protocol"] == "leak_free") & (told["cohort"] == "validation")]
    told = told.set_index(["lesion_id", "model"])["score"]
    readers: Lesions = {
        name: LesionDataset(filepath=str(data / f"03_primary/lesions/{name}.npz")).load
        for name in cohort.index
    }
    validation = list(cohort.index[cohort["cohort"] == "validation"][:ALONE])
    loaded = {name: readers[name]() for name in validation}
    for explain in (False, True):  # compiles and loads what the first one would wait for
        score_one(study, rows, validation[0], loaded[validation[0]], explain=explain)
    alone, paged, gaps = [], [], []
    for name in tqdm(validation, desc="patients", unit="patient"):
        seconds, scores = score_one(study, rows, name, loaded[name], explain=False)
        alone.append(seconds)
        gaps.append(float((scores - told[name].reindex(scores.index)).abs().max()))
        paged.append(score_one(study, rows, name, loaded[name], explain=True)[0])
    batch = {name: readers[name] for name in cohort.index[:BATCH]}
    own, trained = [], []
    for _ in range(3):
        began = time.perf_counter()
        features = measure_images(study, batch, EXECUTION)
        score_cases(study, rows.loc[list(batch)], features, study.variables)
        own.append(time.perf_counter() - began)
        trained.append(training_seconds(study, batch, cohort))
    figures = {
        "seconds_per_patient_median": float(np.median(alone)),
        "seconds_with_page_median": float(np.median(paged)),
        "batch": len(batch),
        "batch_seconds_per_lesion": min(own) / len(batch),
        "training_seconds_per_lesion": min(trained) / len(batch),
        "batch_over_training": float(np.median(np.array(own) / np.array(trained))),
        "patients": len(validation),
        "max_score_difference": max(gaps),
    }
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name}: {value:.4g}")


if __name__ == "__main__":
    main()
