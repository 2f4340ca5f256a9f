"""What a pixel of a ring costs, beside a pixel of its lesion in the same run.

    python benchmarks/rings.py --lesions data/extended/03_primary/lesions --count 60

Prints the table of docs/rings.md: processor time of one thread, reading the lesion included, the
best of several rounds each.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Its folder holds modules of the names coverage and radiomics, which others import.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np

from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.rings import RingDistances, RingParameters, rings_of
from spl_kedro.features.rings.texture import texture_of


def best(work: Callable[[], int], rounds: int) -> tuple[float, int]:
    """Return the shortest processor time of some work in microseconds, and the pixels it took."""
    times, pixels = [], 0
    for _ in range(rounds):
        start = time.process_time()
        pixels = work()
        times.append(1e6 * (time.process_time() - start))
    return min(times), pixels


def main() -> None:
    """Measure lesions and rings in turn, and print both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesions", type=Path, required=True, help="folder of stored lesions")
    parser.add_argument("--count", type=int, default=60, help="lesions measured")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the best counts")
    chosen = parser.parse_args()
    settings, distances = RadiomicsSettings(), RingDistances("mm", RingParameters().distances)
    files = sorted(chosen.lesions.glob("**/*.npz"))
    files = files[:: max(1, len(files) // chosen.count)][: chosen.count]
    if not files:
        parser.error(f"no stored lesion in {chosen.lesions}")

    def lesion(file: Path) -> int:
        read = LesionDataset(filepath=str(file)).load()
        lesion_features(read, settings)
        return int(read.mask.sum())

    def rings(file: Path) -> int:
        read = LesionDataset(filepath=str(file)).load()
        found = rings_of(read, distances)
        if found is None:
            return 0
        texture_of(read, [ring.mask for ring in found], settings)
        return sum(ring.pixels for ring in found)

    # Compiles.
    lesion(files[0])
    rings(files[0])
    measured = {name: np.zeros((len(files), 2)) for name in ("lesion", "rings")}
    for place, file in enumerate(files):
        for name, work in (("lesion", lesion), ("rings", rings)):
            measured[name][place] = best(lambda work=work, file=file: work(file), chosen.rounds)
    print("| | pixels a lesion | ms a lesion | µs a pixel |\n| --- | --- | --- | --- |")
    cost = {}
    for name, values in measured.items():
        microseconds, pixels = values.sum(axis=0)
        cost[name] = microseconds / pixels
        each = f"{pixels / len(files):,.0f} | {microseconds / len(files) / 1e3:.1f}"
        print(f"| {name} | {each} | {cost[name]:.2f} |")
    ratio = cost["rings"] / cost["lesion"]
    print(f"\n{len(files)} lesions; a ring's pixel costs {ratio:.2f} times a lesion's.")


if __name__ == "__main__":
    main()
