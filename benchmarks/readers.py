"""How often intervals and tests of a reader study are right, on simulated readers of known truth.

    python benchmarks/readers.py --json readers.json

Roe and Metz' four variance structures at an AUC of 0.855, readers and cases drawn anew in every
study: how often the test calls equal modalities different, and how often the 95 % intervals cover
a true difference of 0.05, the second modality's mean AUC, and the net reclassification.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from pathlib import Path
from statistics import NormalDist

import numpy as np
from tqdm import tqdm

from spl_kedro.modeling.evaluation.mrmc import compare_modalities, mean_accuracy
from spl_kedro.modeling.evaluation.reader_accuracy import reader_areas, reader_shares
from spl_kedro.simulation import RoeMetz, roe_metz_scores

# Roe & Metz 1997: correlation between readings of a lesion, then variance between readers.
LESIONS = {
    "high": {"case": 0.3, "modality_case": 0.3, "reader_case": 0.2, "rest": 0.2},
    "low": {"case": 0.1, "modality_case": 0.1, "reader_case": 0.2, "rest": 0.6},
}
READERS = {"high": 0.03, "low": 0.0055}
AUC, GAIN = 0.855, 0.05


def measure(
    variances: RoeMetz, readers: int, per_class: int, draws: int, seed: int
) -> dict[str, float]:
    """Return shares of simulated studies."""
    rng = np.random.default_rng(seed)
    label = np.repeat([0, 1], per_class)
    net = 2 * (right_share(variances, AUC + GAIN) - right_share(variances, AUC))
    counts = dict.fromkeys(("type_1", "type_1_fixed", "difference", "mean_auc", "net"), 0)
    for _ in range(draws):
        equal = reader_areas(label, roe_metz_scores(label, (AUC, AUC), readers, variances, rng))
        counts["type_1"] += compare_modalities(*equal).p < 0.05
        counts["type_1_fixed"] += compare_modalities(*equal, fixed_readers=True).p < 0.05
        scores = roe_metz_scores(label, (AUC, AUC + GAIN), readers, variances, rng)
        auc, covariance = reader_areas(label, scores)
        found = compare_modalities(auc, covariance)
        counts["difference"] += found.low <= GAIN <= found.high
        mean = mean_accuracy(auc[1], covariance[1, :, 1])
        counts["mean_auc"] += mean.low <= AUC + GAIN <= mean.high
        moved = compare_modalities(*reader_shares(label, scores >= 0, "both"))
        counts["net"] += moved.low <= net <= moved.high
    return {name: float(count) / draws for name, count in counts.items()}


def right_share(variances: RoeMetz, auc: float) -> float:
    """Return the sensitivity, and specificity, expected at a cut halfway between the classes."""
    spread = (1 + variances.reader + variances.modality_reader) ** 0.5
    return NormalDist().cdf(variances.separation(auc) / 2 / spread)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000, help="studies of each kind")
    parser.add_argument("--readers", type=int, nargs="+", default=[3, 5, 10])
    parser.add_argument("--cases", type=int, nargs="+", default=[25, 50], help="of either class")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()

    kinds = list(product(LESIONS, READERS, options.readers, options.cases))
    started, rows = time.perf_counter(), []
    for seed, (lesions, between, readers, cases) in enumerate(tqdm(kinds)):
        spread = READERS[between]
        variances = RoeMetz(reader=spread, modality_reader=spread, **LESIONS[lesions])
        found = measure(variances, readers, cases, options.draws, seed)
        kind = {"correlation": lesions, "reader_variance": between, "readers": readers}
        rows.append({**kind, "cases_per_class": cases, **found})
    names = list(rows[0])
    print("| " + " | ".join(names) + " |")
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")
    print(f"{options.draws} studies of each kind, {time.perf_counter() - started:.0f} s")
    if options.json:
        content = {"draws": options.draws, "auc": AUC, "gain": GAIN, "kinds": rows}
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
