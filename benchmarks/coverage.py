"""How often intervals hold the truth and tests err, on simulated cohorts of known truth.

    python benchmarks/coverage.py --json coverage.json
    python benchmarks/coverage.py --cohorts 100 --draws 200 --whole 2

Fitted: cohorts of 609 lesions drawn at the level of features from one population, divided, fitted
and scored as the study does, each with an external cohort of 200; the truth of a model is what it
does on 100,000 lesions of the population. Fixed: two scores that nobody fitted, for intervals and
tests of a model that is given. Whole: cohorts with images, through the pipelines.

What is finished is kept (`--store`): an interrupted run resumes, and a change of the evaluation
fits nothing again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

# Numba imports a package of this file's name, and would find this file where scripts lie first.
sys.path[0] = str(Path(__file__).parent / "coverage_parts")

import numpy as np
import pandas as pd
from coverage_cohorts import PAIRS, CohortTask, Fitted
from coverage_fixed import DrawTask, Kind, known
from coverage_summary import against, compact, coverage, findings
from coverage_tasks import EvaluateTask, Judged, StoredDraws, code_of_evaluation
from coverage_truth import Truths, mean_truths

from spl_kedro.parallel import in_parallel
from spl_kedro.store import FOLDER

#: Fixed scores, and of which models or pairs what a test finds is an error: calibration is right
#: but where it is stretched, and the two are equal but for the last.
BOTH = ("rad", "dtl")
FIXED = {
    "equal, 122 lesions": (Kind(122, (0.8, 0.8)), (*BOTH, "rad>dtl")),
    "equal, 200 lesions": (Kind(200, (0.8, 0.8)), (*BOTH, "rad>dtl")),
    "equal, 200 lesions of 100 patients": (
        Kind(200, (0.8, 0.8), per_patient=2), (*BOTH, "rad>dtl"),
    ),
    "equal ranking, one overconfident, 200 lesions": (
        Kind(200, (0.8, 0.8), stretch=1.5), ("rad", "rad>dtl"),
    ),
    "0.85 and 0.90, 122 lesions": (Kind(122, (0.85, 0.9)), BOTH),
}  # fmt: skip
DEPLOYED, FOLDS, EXPECTED = "deployed model", "models of the folds", "such models, on average"
#: Draws of one task.
BATCH = 10


def fitted_part(
    kind: str, fits: str, cohorts: int, n_bootstrap: int, jobs: int, directory: str | None
) -> dict[str, Any]:
    """Return the figures of one kind of fitted cohorts."""
    code = code_of_evaluation()
    tasks = [
        EvaluateTask(CohortTask(kind, number, fits, directory), n_bootstrap, code)
        for number in range(cohorts)
    ]
    judged: list[Judged] = in_parallel(tasks, jobs, f"{fits}, {kind}", unit="cohort")
    said = pd.concat([one.said for one in judged], ignore_index=True)
    # Exchangeable models are equal but for their fits; what adds noise alone can only be worse.
    null = [] if kind == "study" else [f"{a}>{b}" for a, b in PAIRS[kind]]
    tests = findings(said, null, worse=kind == "nothing")
    found: dict[str, Any] = {"findings": tests.to_dict("records")}
    found["true differences"] = {
        f"{a}>{b}": _spread([one.fitted.deployed[f"{a}>{b}", "auc_difference"] for one in judged])
        for a, b in PAIRS[kind]
    }
    if kind != "study":
        return found
    expected = mean_truths([one.fitted.deployed for one in judged])
    rows = []
    for one in judged:
        deployed = {**one.fitted.deployed, **_true_optimism(one.fitted)}
        rows.append(against(one.said, deployed, DEPLOYED))
        training = one.said[one.said["cohort"] == "training"]
        rows += [against(training, one.fitted.folds, FOLDS), against(training, expected, EXPECTED)]
    found["coverage"] = coverage(pd.concat(rows)).to_dict("records")
    found["thresholds"] = _thresholds(judged)
    if fits == "signatures":
        found["optimism"] = _optimism(judged)
    found["true areas"] = {
        model: _spread([one.fitted.deployed[model, "auc"] for one in judged])
        for model in ("clinical", "rad", "cdlr")
    }
    return found


def _true_optimism(fitted: Fitted) -> Truths:
    """Return the AUC less its optimism, and what the in-sample recipe adds by cohort.

    In training that is what it claims less what the leak-free model does; elsewhere both are
    scored by models of which the truth is known.
    """
    found: Truths = {}
    for model in ("clinical", "rad", "cdlr"):
        gain = fitted.deployed.get((model, "optimism"), np.nan)
        claimed = fitted.optimism.get(f"{model} in-sample, claimed", np.nan)
        found[model, "auc corrected for optimism"] = fitted.deployed[model, "auc"]
        found[model, "optimism"] = np.nan
        found[model, "validation: optimism"] = found[model, "external: optimism"] = gain
        found[model, "training: optimism"] = claimed - fitted.deployed[model, "auc"]
    return found


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}


def _thresholds(judged: list[Judged]) -> list[dict[str, Any]]:
    """Return what thresholds promise in training less what is true, over cohorts."""
    table = pd.concat([one.fitted.thresholds for one in judged])
    rows = []
    for (rule, measure), part in table.groupby(["rule", "measure"], sort=False):
        error = len(judged) ** 0.5
        rows.append(
            {
                "rule": rule,
                "measure": measure,
                "true": float(part["true"].mean()),
                "true_sd": float(part["true"].std()),
                "apparent_bias": float((part["apparent"] - part["true"]).mean()),
                "other_folds_bias": float((part["other folds"] - part["true"]).mean()),
                "standard_error": float((part["apparent"] - part["true"]).std() / error),
                "below_0.9": float((part["true"] < 0.9).mean()),
                "below_0.85": float((part["true"] < 0.85).mean()),
            }
        )
    return rows


def _optimism(judged: list[Judged]) -> list[dict[str, Any]]:
    """Return the optimism that is reported less the true one, over cohorts."""
    rows = []
    for model in ("clinical", "rad", "cdlr"):
        claimed = [one.fitted.optimism[f"{model} in-sample, claimed"] for one in judged]
        true = [one.fitted.optimism[f"{model} in-sample, true"] for one in judged]
        honest = [_value(one.said, model, "auc") for one in judged]
        reported_optimism = np.subtract(claimed, honest)
        rows.append(
            _bias(f"{model}, in-sample less cross-fitted", reported_optimism,
                  np.subtract(claimed, true))
        )  # fmt: skip
    resampled = [one.fitted for one in judged if "optimism" in one.fitted.optimism]
    if len(resampled) > 1:
        estimated = np.array([one.optimism["optimism"] for one in resampled])
        true_gap = [one.optimism["apparent"] - one.deployed["clinical", "auc"] for one in resampled]
        rows.append(_bias("clinical, bootstrap", estimated, np.array(true_gap)))
    return rows


def _value(said: pd.DataFrame, model: str, quantity: str) -> float:
    rows = said[(said["cohort"] == "training") & (said["model"] == model)]
    return float(rows.loc[rows["quantity"] == quantity, "value"].iloc[0])


def _bias(name: str, reported_value: np.ndarray, true: np.ndarray) -> dict[str, Any]:
    error = (reported_value - true).std(ddof=1) / len(true) ** 0.5
    return {
        "estimate": name,
        "cohorts": len(true),
        "reported": float(reported_value.mean()),
        "true": float(true.mean()),
        "bias": float((reported_value - true).mean()),
        "standard_error": float(error),
    }


def fixed_part(draws: int, n_bootstrap: int, jobs: int, directory: str | None) -> dict[str, Any]:
    """Return the figures of fixed scores."""
    code, found = code_of_evaluation(), {}
    for name, (kind, null) in FIXED.items():
        batches = [tuple(range(k, min(k + BATCH, draws))) for k in range(0, draws, BATCH)]
        tasks = [StoredDraws(DrawTask(kind, batch, n_bootstrap), directory, code)
                 for batch in batches]  # fmt: skip
        said = pd.concat(in_parallel(tasks, jobs, name, unit="batch"), ignore_index=True)
        found[name] = {
            "coverage": coverage(against(said, known(kind), "given model")).to_dict("records"),
            "findings": findings(said, null).to_dict("records"),
        }
    return found


def printed(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table of Markdown."""
    print(f"\n{title}\n")
    table = pd.DataFrame(rows)
    print("| " + " | ".join(table.columns) + " |\n|" + " --- |" * table.shape[1])
    for row in rows:
        cells = (f"{value:.3f}" if isinstance(value, float) else str(value)
                 for value in row.values())  # fmt: skip
        print("| " + " | ".join(cells) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=400, help="fitted cohorts of each kind")
    parser.add_argument("--signatures", type=int, default=100, help="cohorts of the study's models")
    parser.add_argument("--draws", type=int, default=1000, help="cohorts of each fixed kind")
    parser.add_argument("--whole", type=int, default=0, help="cohorts with images")
    parser.add_argument("--whole-patients", type=int, default=609, help="of a whole cohort")
    parser.add_argument("--whole-population", type=int, default=2000, help="who say what is true")
    parser.add_argument("--bootstrap", type=int, default=500, help="resamples of an interval")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--store", default=f"{FOLDER}/coverage", help="where results are kept")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()

    started = time.perf_counter()
    content: dict[str, Any] = {
        name: getattr(options, name)
        for name in ("cohorts", "signatures", "draws", "whole", "bootstrap")
    }
    shared = options.bootstrap, options.jobs, options.store
    parts: dict[str, Any] = {}
    if options.cohorts:
        parts |= {kind: fitted_part(kind, "plain", options.cohorts, *shared) for kind in PAIRS}
    if options.signatures:
        parts["signatures"] = fitted_part("study", "signatures", options.signatures, *shared)
    if options.draws:
        parts |= fixed_part(options.draws, *shared)
    if options.whole:
        from coverage_whole import whole_part

        sizes = options.whole_patients, options.whole_population
        parts["whole"] = whole_part(options.whole, options.store, *sizes)
    for name, part in parts.items():
        for title, rows in part.items():
            if isinstance(rows, list):
                printed(f"{name}: {title}", compact(rows) if title == "coverage" else rows)
    print(f"{time.perf_counter() - started:.0f} s")
    if options.json:
        content |= {"parts": parts}
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
