"""What the rule that makes one score of a patient's images does to the result.

    python -m benchmarks.several_images --data data/several_images

Reads the scores of images that a run has left whose patients have several (for the simulated ones
``kedro run --env several_images``). The models and their scores do not depend on the rule;
thresholds are chosen anew for each, on the training cohort's cross-fitted scores. Evaluated are
images, the first image of each patient alone, and patients by mean and by the highest score.
Differences between patients' AUCs are paired (DeLong).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from spl_kedro.modeling import evaluation
from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference
from spl_kedro.modeling.evaluation.units import scored_units
from spl_kedro.schemas import MODELS

RULES = ("images", "first image", "mean", "max")
METRICS = (
    *("auc", "sensitivity", "specificity", "brier"),
    *("calibration_slope", "calibration_intercept"),
)
SETTINGS = evaluation.EvaluationSettings(n_bootstrap=2000)


def units_of(predictions: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return what a rule evaluates, as predictions."""
    if rule == "images":
        return predictions
    if rule == "first image":
        first = predictions.sort_values("lesion_id").drop_duplicates("patient_id")["lesion_id"]
        return scored_units(predictions[predictions["lesion_id"].isin(first)], "mean")
    return scored_units(predictions, "mean" if rule == "mean" else "max")


def measured(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return metric, value and interval of every rule, cohort and model."""
    parts = []
    for rule in RULES:
        units = units_of(predictions, rule)
        thresholds = evaluation.operating_thresholds(units, SETTINGS)
        table = evaluation.performance(units, thresholds, SETTINGS)
        parts.append(table[table["metric"].isin(METRICS)].assign(rule=rule))
    return pd.concat(parts, ignore_index=True)


def gains(predictions: pd.DataFrame, model: str) -> Iterator[str]:
    """Yield how much higher a rule's AUC is than that of the first image, on the same patients."""
    own = predictions[(predictions["model"] == model) & (predictions["cohort"] != "training")]
    scores = {rule: units_of(own, rule).set_index("patient_id") for rule in RULES[1:]}
    first = scores["first image"]
    for cohort in ("validation", "external"):
        inside = first.index[first["cohort"] == cohort]
        for rule in ("mean", "max"):
            pair = [first.loc[inside, "score"], scores[rule].loc[inside, "score"]]
            auc, covariance = auc_covariance(first.loc[inside, "label"], np.array(pair))
            found = auc_difference(auc, covariance, 0, 1)
            yield (
                f"{cohort}, {rule} - first image: {found.difference:+.3f} "
                f"[{found.low:+.3f} to {found.high:+.3f}], p {found.p:.2f}"
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"))
    data = parser.parse_args().data
    predictions = pd.read_parquet(data / "07_model_output/predictions.parquet")
    predictions = predictions[predictions["protocol"] == "leak_free"]
    images = predictions.drop_duplicates("lesion_id").groupby("cohort")
    counts = images.agg(patients=("patient_id", "nunique"), images=("lesion_id", "size"))
    print(counts.to_string())
    told = measured(predictions[predictions["model"].isin(MODELS)])
    told["cell"] = [
        f"{v:.3f} [{low:.3f} to {high:.3f}]"
        for v, low, high in told[["value", "low", "high"]].to_numpy(dtype=float)
    ]
    wide = told.pivot(index=["cohort", "model", "rule"], columns="metric", values="cell")
    order = pd.MultiIndex.from_product([("training", "validation", "external"), MODELS, RULES])
    print(wide.reindex(order[np.isin(order.get_level_values(1), told["model"])]).to_string())
    for line in gains(predictions, "cdlr"):
        print(line)


if __name__ == "__main__":
    main()
