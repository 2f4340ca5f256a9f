"""Paired benchmark: stock pyradiomics against the engine, same images, one core each.

    python benchmarks/radiomics.py --images DIR --lesions 24 --json radiomics.json

DIR holds `images/NAME.*` and `masks/NAME*` (as BrEaST does). Lesions are drawn evenly from
under 5,000, 5,000 to 25,000 and over 25,000 pixels; stock and engine alternate on each
lesion, timed in processor time of one process. Then: where the time goes, peak memory,
scaling from one to two processes, and cost against lesion size on speckle.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# This file has pyradiomics' module name: its folder must not be searched for modules.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np
from scipy import ndimage
from tqdm import tqdm

from spl_kedro.features.measurement.stock import stock_features
from spl_kedro.features.radiomics import engine, feature_names, shape, texture
from spl_kedro.features.radiomics.filters import slice_values
from spl_kedro.features.radiomics.roi import prepare
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels
from spl_kedro.imaging import Lesion, read_image, read_outline

STRATA = {"small": (0, 5_000), "medium": (5_000, 25_001), "large": (25_001, 10**9)}


class Reader:
    """Reads one lesion of the folder."""

    def __init__(self, image: Path, mask: Path):
        self.image, self.mask = image, mask

    def __call__(self) -> Lesion:
        """Return the lesion."""
        mask = read_outline(self.mask).mask
        return Lesion(self.image.stem, np.asarray(read_image(self.image).grey, float), mask)


def find_lesions(folder: Path, count: int, seed: int) -> dict[str, list[Reader]]:
    """Draw lesions evenly from the three sizes."""
    masks = sorted((folder / "masks").iterdir())
    readers = []
    for image in sorted((folder / "images").iterdir()):
        fitting = [m for m in masks if m.stem == image.stem or m.stem == f"{image.stem}_tumor"]
        if fitting:
            readers.append(Reader(image, fitting[0]))
    by_size: dict[str, list[Reader]] = defaultdict(list)
    for reader in tqdm(readers, desc="sizes", unit="lesion"):
        pixels = int(read_outline(reader.mask).mask.sum())
        if pixels > 1:
            name = next(k for k, (low, high) in STRATA.items() if low <= pixels < high)
            by_size[name].append(reader)
    rng = np.random.default_rng(seed)
    each = count // len(STRATA)
    return {
        name: [by_size[name][k] for k in rng.permutation(len(by_size[name]))[:each]]
        for name in STRATA
    }


def processor_time(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def paired(lesions: dict[str, list[Reader]], repeats: int) -> tuple[list[dict], float]:
    """Time stock and engine in turn on every lesion; the engine's fastest of `repeats`."""
    rows, worst = [], 0.0
    tasks = [(name, reader) for name, readers in lesions.items() for reader in readers]
    for position, (name, reader) in enumerate(tqdm(tasks, desc="paired", unit="lesion")):
        lesion = reader()
        timed: dict[str, float] = {}
        values: dict[str, np.ndarray] = {}
        turns = ["ours", "stock"] if position % 2 else ["stock", "ours"]
        for who in turns:
            if who == "stock":
                timed[who], values[who] = processor_time(stock_features, lesion.image, lesion.mask)
            else:
                runs = [
                    processor_time(engine.measure, lesion.image, lesion.mask)
                    for _ in range(repeats)
                ]
                timed[who], values[who] = float(np.median([run[0] for run in runs])), runs[0][1]
        difference = np.abs(values["ours"] - values["stock"])
        largest = np.maximum(np.abs(values["ours"]), np.abs(values["stock"]))
        worst = max(
            worst, float((difference[difference > 0] / largest[difference > 0]).max(initial=0))
        )
        rows.append(
            {"lesion": lesion.lesion_id, "size": name, "pixels": int(lesion.mask.sum()), **timed}
        )
    return rows, worst


def profile_ours(lesion: Lesion) -> tuple[dict[str, float], dict[str, float]]:
    """Processor seconds per step of the engine, and per image type measured by itself."""
    steps: dict[str, float] = defaultdict(float)
    names = {
        (texture, "first_order_features"): "firstorder",
        (texture, "glcm_features"): "glcm",
        (texture, "_count_images"): "binning, matrices, other texture",
        (texture, "bin_edges"): "binning, matrices, other texture",
        (engine, "prepare"): "checks",
        (engine, "slice_values"): "filters",
        (shape, "shape_features_3d"): "shape",
    }
    originals = {place: getattr(*place) for place in names}

    def timing(function, key):
        def timed(*arguments):
            start = time.process_time()
            result = function(*arguments)
            if key == "filters":
                result = list(result)
            steps[key] += time.process_time() - start
            return result

        return timed

    try:
        for place, key in names.items():
            setattr(*place, timing(originals[place], key))
        start = time.process_time()
        engine.measure(lesion.image, lesion.mask)
        total = time.process_time() - start
    finally:
        for place, function in originals.items():
            setattr(*place, function)
    steps["sorting and the rest"] = total - sum(steps.values())

    images: dict[str, float] = {}
    roi = prepare(lesion.image, lesion.mask, (1.0, 1.0))
    runs_kept = lines_with_two_pixels(roi.outline)
    start = time.process_time()
    for name, values in slice_values(roi):
        texture.texture_features({name: values}, roi, runs_kept, 5.0, 1.0)
        images[name] = time.process_time() - start
        start = time.process_time()
    return dict(steps), images


def profile_stock(lesion: Lesion) -> tuple[dict[str, float], dict[str, float]]:
    """Processor seconds per class and per image type of pyradiomics."""
    from radiomics import featureextractor

    classes: dict[str, float] = defaultdict(float)
    images: dict[str, float] = defaultdict(float)
    extractor_class = featureextractor.RadiomicsFeatureExtractor
    original_features, original_shape = (
        extractor_class.computeFeatures,
        extractor_class.computeShape,
    )
    feature_classes = featureextractor.getFeatureClasses()

    def features(self, image, mask, name, **kwargs):
        begun = time.process_time()
        values = {}
        for class_name, wanted in self.enabledFeatures.items():
            if class_name.startswith("shape"):
                continue
            start = time.process_time()
            instance = feature_classes[class_name](image, mask, **kwargs)
            for feature in wanted:
                instance.enableFeatureByName(feature)
            for feature, value in instance.execute().items():
                values[f"{name}_{class_name}_{feature}"] = value
            classes[class_name] += time.process_time() - start
        images[name] += time.process_time() - begun
        return values

    def shape(self, *arguments, **kwargs):
        start = time.process_time()
        values = original_shape(self, *arguments, **kwargs)
        classes["shape"] += time.process_time() - start
        return values

    try:
        extractor_class.computeFeatures, extractor_class.computeShape = features, shape
        start = time.process_time()
        stock_features(lesion.image, lesion.mask)
        total = time.process_time() - start
    finally:
        extractor_class.computeFeatures = original_features
        extractor_class.computeShape = original_shape
    classes["filters and the rest"] = total - sum(classes.values())
    return dict(classes), dict(images)


def _peak(arguments: tuple[str, Reader]) -> float:
    who, reader = arguments
    lesion = reader()
    for _ in range(2):
        if who == "stock":
            stock_features(lesion.image, lesion.mask)
        else:
            engine.measure(lesion.image, lesion.mask)
    # Not ru_maxrss: Linux hands the starting process's own peak on to what it starts.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def peak_memory(reader: Reader) -> dict[str, float]:
    """Peak resident memory in MB of a fresh process measuring one lesion (Linux)."""
    context = multiprocessing.get_context("spawn")
    peaks = {}
    for who in ("stock", "ours"):
        with ProcessPoolExecutor(1, context) as pool:
            peaks[who] = pool.submit(_peak, (who, reader)).result()
    return peaks


def _measure(reader: Reader) -> int:
    lesion = reader()
    return len(engine.measure(lesion.image, lesion.mask))


def scaling(readers: list[Reader], rounds: int) -> dict[str, float]:
    """Wall-clock seconds of one and two warm processes for the same lesions."""
    context = multiprocessing.get_context("spawn")
    seconds = {}
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, context) as pool:
            list(pool.map(_measure, readers))  # start, import, load the compiled kernels
            start = time.perf_counter()
            list(pool.map(_measure, readers * rounds))
            seconds[str(workers)] = time.perf_counter() - start
    seconds["speed-up"] = seconds["1"] / seconds["2"]
    return seconds


def size_curve(stock_limit: int) -> list[dict]:
    """Processor time against lesion size on discs of speckle."""
    rng = np.random.default_rng(0)
    noise = [ndimage.gaussian_filter(rng.standard_normal((640, 640)), (0.8, 1.4)) for _ in range(2)]
    image = np.round(np.clip(np.hypot(*noise) * 500, 0, 255))
    y, x = np.ogrid[:640, :640]
    rows = []
    for pixels in tqdm((1_000, 3_000, 10_000, 30_000, 75_000, 150_000), desc="sizes", unit="disc"):
        mask = (y - 320) ** 2 + (x - 320) ** 2 <= pixels / np.pi
        lesion = Lesion("disc", image, mask)
        engine.measure(lesion.image, lesion.mask)
        row = {"pixels": int(mask.sum())}
        row["ours"] = float(
            np.median(
                [processor_time(engine.measure, lesion.image, lesion.mask)[0] for _ in range(3)]
            )
        )
        if pixels <= stock_limit:
            row["stock"] = processor_time(stock_features, lesion.image, lesion.mask)[0]
        rows.append(row)
    return rows


def _ratio(rows: list[dict]) -> float:
    return sum(row["stock"] for row in rows) / sum(row["ours"] for row in rows)


def _print_times(title: str, stock: dict[str, float], ours: dict[str, float]) -> None:
    print(f"\n{title:<38}{'stock s':>10}{'ours s':>10}")
    for name in sorted(set(stock) | set(ours), key=lambda n: -stock.get(n, 0)):
        before = f"{stock[name]:.4f}" if name in stock else ""
        after = f"{ours[name]:.4f}" if name in ours else ""
        print(f"{name:<38}{before:>10}{after:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--lesions", type=int, default=24)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3, help="runs of the engine per lesion")
    parser.add_argument("--stock-limit", type=int, default=30_000, help="largest disc for stock")
    options = parser.parse_args()

    lesions = find_lesions(options.images, options.lesions, options.seed)
    _measure(lesions["small"][0])  # load the compiled kernels
    rows, worst = paired(lesions, options.repeats)
    report: dict = {
        "ratio_total": _ratio(rows),
        **{f"ratio_{name}": _ratio([r for r in rows if r["size"] == name]) for name in STRATA},
        "max_relative_difference": worst,
        "features": len(feature_names("us2d-1561")),
        "lesions": rows,
    }
    ratios = [row["stock"] / row["ours"] for row in rows]
    report["ratio_quartiles"] = np.percentile(ratios, [0, 25, 50, 75, 100]).tolist()
    print(
        f"\n{'':<10}{'lesions':>8}{'stock s':>10}{'ours s':>10}{'ratio':>8}   each lesion's ratio"
    )
    for name in (*STRATA, "total"):
        chosen = [r for r in rows if name in (r["size"], "total")]
        each = [r["stock"] / r["ours"] for r in chosen]
        print(
            f"{name:<10}{len(chosen):>8}{sum(r['stock'] for r in chosen):>10.2f}"
            f"{sum(r['ours'] for r in chosen):>10.3f}{_ratio(chosen):>8.1f}"
            f"   {min(each):.1f} to {max(each):.1f}, median {np.median(each):.1f}"
        )
    print(f"largest relative difference {worst:.1e}")

    middle = lesions["medium"][0]()
    ours_steps, ours_images = profile_ours(middle)
    stock_steps, stock_images = profile_stock(middle)
    report["profile"] = {
        "pixels": int(middle.mask.sum()),
        "stock": {"classes": stock_steps, "images": stock_images},
        "ours": {"classes": ours_steps, "images": ours_images},
    }
    _print_times(f"one lesion of {middle.mask.sum()} pixels", stock_steps, ours_steps)
    _print_times("image type (features; ours with filter)", stock_images, ours_images)

    report["peak_memory_mb"] = peak_memory(lesions["large"][0])
    print(f"\npeak memory, MB: {report['peak_memory_mb']}")
    report["scaling_seconds"] = scaling([r for rs in lesions.values() for r in rs], 4)
    print(f"processes, wall-clock s: {report['scaling_seconds']}")
    report["size_curve"] = size_curve(options.stock_limit)
    print(f"\n{'pixels':>10}{'stock s':>10}{'ours s':>10}{'ratio':>8}")
    for row in report["size_curve"]:
        stock = f"{row['stock']:.2f}" if "stock" in row else ""
        ratio = f"{row['stock'] / row['ours']:.1f}" if "stock" in row else ""
        print(f"{row['pixels']:>10}{stock:>10}{row['ours']:>10.3f}{ratio:>8}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
