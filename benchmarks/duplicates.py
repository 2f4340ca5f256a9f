"""How often copies of an image are found, and how far other pairs stay from it.

    BREAST_DIR=/path/to/files python -m benchmarks.duplicates [measure|tuning] [simulated lesions]

Prints the tables of docs/duplicates.md. Of the BrEaST lesions every other one is in the tuning
half.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from tests.imaging.duplicates.copies import COPIES
from tests.imaging.quality import labelled

from spl_kedro.imaging.duplicates import DuplicateSettings, Pair, find_pairs, print_of
from spl_kedro.imaging.duplicates.candidates import candidates
from spl_kedro.imaging.duplicates.correlation import crop_similarities, frame_similarities
from spl_kedro.simulation import PhantomSettings
from spl_kedro.simulation.patient import simulate_patient

SETTINGS = DuplicateSettings()
Image = tuple[np.ndarray, np.ndarray]


def breast(half: str) -> dict[str, Image]:
    """Return the lesions of one half of BrEaST, or of all of it."""
    folder = Path(os.environ["BREAST_DIR"])
    outlined = {path.name.split("_")[0] for path in (folder / "masks").glob("*_tumor*.png")}
    cases = sorted(outlined)
    chosen = {"tuning": cases[::2], "measure": cases[1::2], "all": cases}[half]
    loaded = {case: labelled.load(folder, case) for case in chosen}
    return {case: (image.grey, mask) for case, (image, mask) in loaded.items()}


def simulated(count: int) -> dict[str, Image]:
    """Return simulated lesions of both hospitals, none of which is in the default study."""
    phantom, found = PhantomSettings(), {}
    for number in range(count):
        centre = phantom.external_centre if number % 4 == 3 else phantom.training_centre
        rng = np.random.default_rng([11, number])
        lesion = simulate_patient(phantom, centre, rng, number % 2 == 0)
        found[f"s{number}"] = lesion.image.astype(float), lesion.mask > 0
    return found


def others(name: str, images: dict[str, Image]) -> None:
    """Print how alike pairs of different lesions are."""
    begun = time.process_time()
    prints = [print_of(*image) for image in images.values()]
    printing = (time.process_time() - begun) / len(prints)
    begun = time.process_time()
    pairs = candidates(prints, SETTINGS.crop_distance, SETTINGS.frame_distance)
    crops = crop_similarities(prints, pairs)
    spent = time.process_time() - begun
    frames = frame_similarities(prints, np.asarray(pairs))
    found = find_pairs(prints, list(images), SETTINGS)
    names = list(images)
    count = len(prints)
    print(
        f"{name}: {count} lesions, {count * (count - 1) // 2} pairs, {len(pairs)} "
        f"candidates; highest correlations of crops {np.sort(crops)[-3:].round(2)}, of images "
        f"{np.sort(frames)[-3:].round(2)}; {len(found)} called copies "
        f"{[(names[p.first], names[p.second], p.kind) for p in found]}; a print "
        f"{1e3 * printing:.1f} ms of processor time, the comparison {spent:.1f} s"
    )


def sensitivity(name: str, images: dict[str, Image]) -> None:
    """Print a row for each way a copy comes about."""
    prints = {case: print_of(*image) for case, image in images.items()}
    print(f"\n| {name}: copy | found | called |\n| --- | --- | --- |")
    for change in COPIES:
        kinds: Counter[str] = Counter()
        for number, (case, image) in enumerate(images.items()):
            copy = print_of(*change(*image, np.random.default_rng([7, number])))
            found: list[Pair] = find_pairs([prints[case], copy], ["original", "copy"], SETTINGS)
            kinds.update(pair.kind for pair in found)
        right = sum(kinds.values())
        low, high = labelled.wilson(right, len(images))
        called = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        print(
            f"| {change.__doc__} | {right}/{len(images)}, {right / len(images):.2f} "
            f"[{low:.2f} to {high:.2f}] | {called} |"
        )


def speed() -> None:
    """Print how long the hashes of many images take to be compared."""
    one = print_of(*next(iter(simulated(1).values())))
    for count in (2_000, 10_000):
        bits = np.random.default_rng(3).integers(0, 2**63, (count, 4, 3), dtype=np.uint64)
        many = [
            type(one)(one.frame, one.crop, one.inside, row[3], row[:3], one.shape, one.box)
            for row in bits
        ]
        begun = time.process_time()
        pairs = candidates(many, SETTINGS.crop_distance, SETTINGS.frame_distance)
        print(f"{count} hashes: {time.process_time() - begun:.1f} s, {len(pairs)} candidates")


def main() -> None:
    """Print everything."""
    half = sys.argv[1] if len(sys.argv) > 1 else "measure"
    made = simulated(int(sys.argv[2]) if len(sys.argv) > 2 else 650)
    own = breast(half)
    others("BrEaST, all", breast("all"))
    others("simulated", made)
    sensitivity(f"BrEaST ({half})", own)
    sensitivity("simulated", dict(list(made.items())[:200]))
    speed()


if __name__ == "__main__":
    main()
