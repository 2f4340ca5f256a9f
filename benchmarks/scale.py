"""Seconds and memory of every step against the number of lesions.

The cohort is grown from simulated patients: each further lesion is the weighted mean of two small
images of one class and hospital, outlined as the heavier of the two, with each clinical variable
from either. Of every size the pipelines run one after the other, each by its own ``kedro run``; a
node's seconds are those of the run's own account (loading, running, saving), its pipeline's memory
is the largest sum over the process and its workers, shared pages divided among them (Linux).

    python benchmarks/scale.py [--sizes 500 2000 8000] [--pipelines NAME ...] [--json FILE]

``largest_exponent`` is that of the power law through the two largest sizes, the largest over all
nodes that take more than five seconds of the largest cohort and over all pipelines, whose seconds
are less those of ``kedro registry list``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
import psutil
import yaml
from PIL import Image
from tqdm import tqdm

from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.simulation import simulate_cohort

ROOT = Path(__file__).parents[1]
PIPELINES = (
    "data_processing", "radiomics", "deep_features", "modeling", "explainability", "reporting",
)  # fmt: skip
#: Columns that name a lesion or its files; the others may come from either of two lesions.
OWN = ("case_id", "patient_id", "image_file", "outline_file", "centre", "pathology", "histology")
SMALL = (192, 144)
MIN_SECONDS = 5.0

Pictures = dict[str, np.ndarray]


def make_project(folder: Path) -> Path:
    """Lay out a project that shares this one's code and settings, with its own data."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, folder)
    (folder / "src").mkdir()
    (folder / "src/spl_kedro").symlink_to(ROOT / "src/spl_kedro")
    return folder


def small_cohort(patients: int) -> tuple[pd.DataFrame, Pictures, Pictures]:
    """Simulate patients of both hospitals; table, images and outlines of one small size."""
    stated = yaml.safe_load((ROOT / "conf/base/parameters_simulation.yml").read_text("utf-8"))
    seed = yaml.safe_load((ROOT / "conf/base/globals.yml").read_text("utf-8"))["seed"]
    settings = stated["simulation"] | {"seed": seed}
    settings["training_centre"]["patients"] = round(0.75 * patients)
    settings["external_centre"]["patients"] = patients - round(0.75 * patients)
    settings["readers"]["second_lesions"] = 0
    cohort = simulate_cohort(SimulationParameters(**settings), progress=True)

    def shrunk(pictures: Pictures, how: Image.Resampling) -> Pictures:
        return {
            name: np.asarray(Image.fromarray(picture).resize(SMALL, how))
            for name, picture in pictures.items()
        }

    table = cohort.table.copy()
    widths = {name: picture.shape[1] for name, picture in cohort.images.items()}
    scale = table["image_file"].map(widths) / SMALL[0]
    table["pixel_size_mm"] = (table["pixel_size_mm"].astype(float) * scale).map("{:.4f}".format)
    return (
        table,
        shrunk(cohort.images, Image.Resampling.BOX),
        shrunk(cohort.masks, Image.Resampling.NEAREST),
    )


def grow(
    folder: Path,
    size: int,
    table: pd.DataFrame,
    images: Pictures,
    masks: Pictures,
    seed: int,
) -> None:
    """Write a cohort of `size` lesions where the simulation writes its own."""
    rng = np.random.default_rng([seed, size])
    alike = [group.index.to_numpy() for _, group in table.groupby(["centre", "pathology"])]
    shares = np.array([len(group) for group in alike]) / len(table)
    for name in ("images", "outlines"):
        (folder / name).mkdir(parents=True)
    shared = [column for column in table.columns if column not in OWN]
    rows = []
    for number in tqdm(range(size), desc=f"{size} lesions", unit="lesion"):
        first, second = rng.choice(alike[rng.choice(len(alike), p=shares)], 2, replace=False)
        weight = rng.uniform(0.6, 0.9)
        row, other = table.loc[first].copy(), table.loc[second]
        mixed = weight * images[row["image_file"]] + (1 - weight) * images[other["image_file"]]
        mask = masks[row["outline_file"]]
        taken = [column for column in shared if rng.random() > weight and column != "pixel_size_mm"]
        row[taken] = other[taken]
        file = f"GROWN{number:06d}.png"
        row[["case_id", "patient_id"]] = f"GROWN{number:06d}", f"P{number:06d}"
        row[["image_file", "outline_file"]] = file
        Image.fromarray(np.round(mixed).astype(np.uint8)).save(folder / "images" / file)
        Image.fromarray(mask).save(folder / "outlines" / file)
        rows.append(row)
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)


class Watch:
    """Peak memory of a process and all it started."""

    def __init__(self, pid: int) -> None:
        self.peak, self._process, self._ended = 0, psutil.Process(pid), Event()
        self._thread = Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._ended.wait(1.0):
            total = 0
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.Error:
                return
            for process in family:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:  # ended meanwhile
                    continue
            self.peak = max(self.peak, total)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def kedro(project: Path, *arguments: str) -> tuple[float, float]:
    """Run kedro in a project; seconds and peak memory in GB."""
    environment = os.environ | {"SPL_KEDRO_ROOT": str(project)}
    environment.pop("KEDRO_ENV", None)
    log = project / "log.txt"
    began = time.perf_counter()
    with log.open("w", encoding="utf-8") as file:
        started = subprocess.Popen(
            [sys.executable, "-m", "kedro", *arguments],
            cwd=project,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        with Watch(started.pid) as watch:
            code = started.wait()
    if code:
        end = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise RuntimeError(f"kedro {' '.join(arguments)} failed:\n{end}")
    return time.perf_counter() - began, watch.peak / 1e9


def measure(size: int, pipelines: list[str], cohort: tuple, seed: int) -> dict[str, dict]:
    """Run the pipelines on a grown cohort; seconds and memory of each, seconds of its nodes."""
    found: dict[str, dict] = {}
    with tempfile.TemporaryDirectory(prefix="spl_scale_") as folder:
        project = make_project(Path(folder))
        grow(project / "data/01_raw/simulated", size, *cohort, seed)
        empty, _ = kedro(project, "registry", "list")
        for name in pipelines:
            seconds, peak = kedro(project, "run", "--pipelines", name)
            stored = project / "data/08_reporting/run_durations.json"
            nodes = json.loads(stored.read_text(encoding="utf-8"))
            nodes.pop("start", None)
            found[name] = {
                "seconds": max(seconds - empty, 0.0),
                "peak_gb": peak,
                "nodes": {node: sum(phases.values()) for node, phases in nodes.items()},
            }
            print(f"{size} lesions, {name}: {seconds:.0f} s, {peak:.2f} GB", flush=True)
    return found


def exponents(found: dict[int, dict[str, dict]]) -> dict[str, float]:
    """Power of the number of lesions that each step's seconds grow with, largest sizes."""
    smaller, larger = sorted(found)[-2:]
    powers = {}
    for name, pipeline in found[larger].items():
        before = found[smaller][name]
        pairs = {name: (before["seconds"], pipeline["seconds"])} | {
            node: (before["nodes"].get(node, 0.0), seconds)
            for node, seconds in pipeline["nodes"].items()
        }
        for step, (first, last) in pairs.items():
            if last > MIN_SECONDS and first > 0:
                powers[step] = math.log(last / first) / math.log(larger / smaller)
    return powers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2000, 8000])
    parser.add_argument("--pipelines", nargs="+", choices=PIPELINES, default=list(PIPELINES))
    parser.add_argument("--patients", type=int, default=240, help="simulated, to grow from")
    parser.add_argument("--seed", type=int, default=20260324)
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()
    cohort = small_cohort(options.patients)
    found: dict[int, dict[str, dict]] = {}
    figures: dict[str, object] = {}
    for size in sorted(options.sizes):
        found[size] = measure(size, options.pipelines, cohort, options.seed)
        powers = exponents(found) if len(found) > 1 else {}
        figures = {
            "largest_exponent": max(powers.values(), default=None),
            "peak_gb": max(pipeline["peak_gb"] for pipeline in found[size].values()),
            "exponents": powers,
            "sizes": {str(done): steps for done, steps in found.items()},
        }
        if options.json:  # after each size: the next one takes long
            Path(options.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for step, power in sorted(figures["exponents"].items(), key=lambda item: -item[1]):
        print(f"{step}: {power:.2f}")
    print(f"largest_exponent {figures['largest_exponent']}, peak_gb {figures['peak_gb']:.2f}")


if __name__ == "__main__":
    main()
