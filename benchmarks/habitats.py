"""What a map of features costs a pixel, beside the engine and beside pyradiomics.

    python benchmarks/habitats.py --lesions data/extended/03_primary/lesions --count 20 --stock 4

Prints the tables of docs/habitats.md: processor time of one thread, the best of several rounds
each; all lesions have been read before.
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
from spl_kedro.features.habitats.settings import MAPS
from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.measurement.maps import lesion_maps
from spl_kedro.features.measurement.stock_maps import stock_maps
from spl_kedro.features.radiomics.presets import TEXTURE
from spl_kedro.features.radiomics.roi import prepare
from spl_kedro.features.radiomics.texture import texture_features
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels
from spl_kedro.imaging import Lesion

SETTINGS = RadiomicsSettings()


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the shortest processor time of some work, in microseconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(1e6 * (time.process_time() - start))
    return min(times)


def a_pixel(lesions: list[Lesion], work: Callable[[Lesion], object], rounds: int) -> float:
    """Return the microseconds that a pixel of some lesions takes."""
    spent = sum(best(lambda one=one: work(one), rounds) for one in lesions)
    return spent / sum(int(one.mask.sum()) for one in lesions)


def of_class(kind: str) -> list[str]:
    """Return all features of a class of the image itself."""
    return [f"original_{kind}_{name}" for name in TEXTURE[kind]]


def image_itself(lesion: Lesion) -> np.ndarray:
    """Measure the 91 features of the image itself, without derived images."""
    roi = prepare(lesion.image, lesion.mask, (1.0, 1.0))
    values = roi.image[roi.crop][roi.outline]
    kept = lines_with_two_pixels(roi.outline)
    return texture_features({"original": values}, roi, kept, SETTINGS.bin_width, 1.0)


def main() -> None:
    """Measure lesions and their maps, and print both and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesions", type=Path, required=True, help="folder of stored lesions")
    parser.add_argument("--count", type=int, default=20, help="lesions measured")
    parser.add_argument("--stock", type=int, default=4, help="of them, by pyradiomics too")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the best counts")
    chosen = parser.parse_args()
    files = sorted(chosen.lesions.glob("**/*.npz"))
    files = files[:: max(1, len(files) // chosen.count)][: chosen.count]
    if not files:
        parser.error(f"no stored lesion in {chosen.lesions}")
    lesions = [LesionDataset(filepath=str(file)).load() for file in files]
    # The smallest: pyradiomics holds every kernel's matrix in memory.
    few = sorted(lesions, key=lambda one: int(one.mask.sum()))[: chosen.stock]
    everything = [name for kind in TEXTURE for name in of_class(kind)]
    wanted = {kind: of_class(kind) for kind in TEXTURE} | {
        "all six": everything,
        "habitats' default": list(MAPS),
    }

    def mapping(names: list[str], radius: int) -> Callable[[Lesion], object]:
        return lambda lesion: lesion_maps(lesion, names, SETTINGS, radius=radius)

    mapping(everything, 1)(lesions[0])  # compiles
    lesion_features(lesions[0], SETTINGS)
    whole = a_pixel(lesions, lambda lesion: lesion_features(lesion, SETTINGS), chosen.rounds)
    alone = a_pixel(lesions, image_itself, chosen.rounds)
    print(f"{len(lesions)} lesions; the engine: {whole:.2f} µs a pixel for all 1561 features,")
    print(f"{alone:.3f} µs a pixel for the 91 of the image itself.\n")
    print("| maps | kernel | µs a pixel | ns a pixel of a kernel | that, of the engine's |")
    print("| --- | --- | --- | --- | --- |")
    for name, features in wanted.items():
        for radius in (1, 2, 3):
            side = 2 * radius + 1
            cost = a_pixel(lesions, mapping(features, radius), chosen.rounds)
            one = f"{1e3 * cost / side**2:.0f} | {cost / side**2 / alone:.2f}"
            print(f"| {name} | {side} x {side} | {cost:.2f} | {one} |", flush=True)
    if not few:
        return
    print(f"\n{len(few)} lesions, {sum(int(one.mask.sum()) for one in few):,} pixels:\n")
    print("| maps | kernel | pyradiomics, µs a pixel | here | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for name, features in wanted.items():
        for radius in (1, 3) if name in ("all six", "habitats' default") else (1,):
            side = 2 * radius + 1

            def stock(lesion: Lesion, names=features, r=radius) -> object:
                return stock_maps(lesion.image, lesion.mask, names, radius=r)

            theirs = a_pixel(few, stock, 1)
            ours = a_pixel(few, mapping(features, radius), chosen.rounds)
            ratio = f"{theirs:,.0f} | {ours:.2f} | {theirs / ours:,.0f}"
            print(f"| {name} | {side} x {side} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
