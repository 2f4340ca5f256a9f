"""What a pixel of a ring costs, beside a pixel of its lesion and of an outline drawn as the ring.

    python benchmarks/rings.py --lesions data/extended/03_primary/lesions --count 60

Prints the tables of docs/rings.md: processor time of one thread, reading the lesion included, the
best of several rounds each; then the parts of it, with the clock's own share in them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Its folder holds modules of the names coverage and radiomics, which others import.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np

from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.radiomics import engine, texture
from spl_kedro.features.rings import RingDistances, RingParameters, rings_of
from spl_kedro.features.rings import texture as ring_texture
from spl_kedro.features.rings.texture import texture_of

#: What is timed for each part, by module and name; what is left is the last line.
PARTS = {
    "reading": [(LesionDataset, "load")],
    "outline, rings, shape": [
        (engine, "prepare"), (engine.shape, "shape_features_3d"), (ring_texture, "prepare"),
        (ring_texture, "outlined_within"), (sys.modules[__name__], "rings_of"),
    ],
    "derived images": [(engine, "slice_values"), (ring_texture, "slice_values")],
    "levels and matrices": [(texture, "_count_images")],
    "GLCM": [(texture, "glcm_features")],
    "first order": [(texture, "first_order_features")],
}  # fmt: skip


@contextmanager
def timed(spent: Counter[str]) -> Iterator[None]:
    """Add up the microseconds of every part while the block runs."""
    before = [(owner, name, getattr(owner, name)) for own in PARTS.values() for owner, name in own]

    def clocked(part: str, function: Callable) -> Callable:
        def run(*given: object, **named: object) -> object:
            start = time.process_time()
            made = function(*given, **named)
            made = list(made) if isinstance(made, Iterator) else made
            spent[part] += 1e6 * (time.process_time() - start)
            return made

        return run

    for part, own in PARTS.items():
        for owner, name in own:
            setattr(owner, name, clocked(part, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def parts_of(work: Callable[[Path], int], files: list[Path], rounds: int) -> dict[str, float]:
    """Return the microseconds a pixel of each part, in the best round of each file."""
    total: Counter[str] = Counter()
    pixels = 0
    for file in files:
        found = []
        for _ in range(rounds):
            spent: Counter[str] = Counter()
            with timed(spent):
                whole, n = best(lambda file=file: work(file), 1)
            spent["the rest"] = whole - sum(spent.values())
            found.append((whole, spent))
        total.update(min(found, key=lambda one: one[0])[1])
        pixels += n
    return {part: value / pixels for part, value in total.items()}


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

    def outlines(file: Path) -> int:
        """Measure the same features of the same rings, each handed over as an outline by itself."""
        read = LesionDataset(filepath=str(file)).load()
        found = rings_of(read, distances) or []
        for ring in found:
            texture_of(read, [ring.mask], settings)
        return sum(ring.pixels for ring in found)

    works = {"lesion": lesion, "rings": rings, "each ring as an outline of its own": outlines}
    for work in works.values():
        work(files[0])  # compiles
    measured = {name: np.zeros((len(files), 2)) for name in works}
    for place, file in enumerate(files):
        for name, work in works.items():
            measured[name][place] = best(lambda work=work, file=file: work(file), chosen.rounds)
    print("| | pixels a lesion | ms a lesion | µs a pixel |\n| --- | --- | --- | --- |")
    cost = {}
    for name, values in measured.items():
        microseconds, pixels = values.sum(axis=0)
        cost[name] = microseconds / pixels
        each = f"{pixels / len(files):,.0f} | {microseconds / len(files) / 1e3:.1f}"
        print(f"| {name} | {each} | {cost[name]:.2f} |")
    ratio = cost["rings"] / cost["lesion"]
    print(f"\n{len(files)} lesions; a ring's pixel costs {ratio:.2f} times a lesion's,")
    ratio = cost["rings"] / cost["each ring as an outline of its own"]
    print(f"and {ratio:.2f} times that of the same ring as an outline of its own.")
    print("\n| µs a pixel | lesion | rings |\n| --- | --- | --- |")
    of_lesion, of_rings = (parts_of(work, files, chosen.rounds) for work in (lesion, rings))
    for part in (*PARTS, "the rest"):
        print(f"| {part} | {of_lesion[part]:.3f} | {of_rings[part]:.3f} |")


if __name__ == "__main__":
    main()
