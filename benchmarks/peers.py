"""Our radiomics beside other tools: speed and agreement on the same lesions, one core.

    python benchmarks/peers.py [--images DIR] [--only TOOL ...] [--environments DIR] [--json FILE]

DIR, or the folder BREAST_DIR, is that of ``radiomics.py``, which also draws the lesions. Each tool
is installed in an environment of its own, below ``.cache/peers`` (some 8 GB with fastrad's
PyTorch; made once, remade when its versions below change): their versions exclude each other, so
they are no extra of ``pyproject.toml``. pictologics needs Python 3.12 or 3.13 on the PATH. Each is
called as its users call it, in memory, warm, with our settings (bin width 5, first bin where
pyradiomics has it, the slice a volume of one). A tool that cannot be installed or run is a row
that says why. GPU modes run where the tool finds a GPU.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import re
import runpy
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Beside this file lie some with names of packages: its folder must not be searched for modules.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np
import pandas as pd

from spl_kedro.features.measurement.stock import pyradiomics_parameters
from spl_kedro.features.radiomics import PRESETS, feature_schema

HERE = Path(__file__).resolve().parent
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)  # fmt: skip
EQUAL, CLOSE = 1e-6, 1e-3
Values = list[dict[str, float]]


@dataclass(frozen=True)
class Tool:
    """A row of the table: how the worker calls it, and what it needs.

    Attributes
    ----------
    worker : str
        Its name there.
    naming : str
        ``pyradiomics``, ``fastrad``, ``ibsi`` (codes at the end of names) or ``mirp``.
    base : str
        The stock row that measures the same image types.
    environment : str
        Empty for the project's own.
    """

    worker: str
    naming: str = "pyradiomics"
    base: str = "pyradiomics"
    environment: str = ""


ALONE = "pyradiomics, original image alone"
TOOLS = {
    "spl_kedro": Tool("ours"),
    "pyradiomics": Tool("pyradiomics"),
    ALONE: Tool("pyradiomics-original", base=ALONE),
    "flash-radiomics": Tool("flash-radiomics", environment="flash-radiomics"),
    "flash-radiomics, original image alone": Tool(
        "flash-radiomics-original", base=ALONE, environment="flash-radiomics"
    ),
    "flash-radiomics, CUDA": Tool("flash-radiomics-cuda", environment="flash-radiomics"),
    "fastrad": Tool("fastrad", "fastrad", ALONE, "fastrad"),
    "fastrad, CUDA": Tool("fastrad-cuda", "fastrad", ALONE, "fastrad"),
    "pictologics": Tool("pictologics", "ibsi", ALONE, "pictologics"),
    "MIRP": Tool("mirp-morphology", "mirp", ALONE, "mirp"),
    "MIRP without morphology": Tool("mirp", "mirp", ALONE, "mirp"),
}
#: Python and packages of every environment.
ENVIRONMENTS = {
    # It declares no dependencies; these are its README's. SciPy 1.17 would cost it LBP3D.
    "flash-radiomics": (
        "3.11",
        "flash-radiomics==1.0.0 numpy==2.4.6 scipy==1.16.3 SimpleITK==2.5.7 h5py==3.16.0 "
        "pykwalify==1.8.0 PyWavelets==1.9.0 scikit-image==0.26.0 scikit-learn==1.9.1 "
        "trimesh==5.2.0",
    ),
    "fastrad": ("3.11", "fastrad==1.0.0 torch==2.15.0 numpy==2.4.6 scipy==1.17.1"),
    "pictologics": ("3.12", "pictologics==0.9.0 numpy==2.5.5 numba==0.68.1 scipy==1.18.1"),
    "mirp": ("3.11", "mirp==2.7.0 numpy==2.4.6 scipy==1.17.1 itk==5.4.7 pandas==3.1.1"),
}


class FailedError(Exception):
    """A tool could not be installed or run; the message is its row's."""


def started(command: list[str], limit: float, **further) -> None:
    """Run a command to its end within `limit` seconds."""
    try:
        done = subprocess.run(
            command, timeout=limit, capture_output=True, text=True, errors="replace", **further
        )
    except subprocess.TimeoutExpired:
        raise FailedError(f"not done after {limit:.0f} s") from None
    except OSError as error:
        raise FailedError(str(error)) from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise FailedError(lines[-1][:150] if lines else f"ended with code {done.returncode}")


def install(name: str, folder: Path, limit: float) -> Path:
    """Return the Python of an environment, made unless it stands as stated."""
    version, packages = ENVIRONMENTS[name]
    home, python = folder / name, folder / name / "bin/python"
    stamp = home / "packages.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == packages:
        return python
    uv = [sys.executable, "-m", "uv"]
    started([*uv, "venv", "--quiet", "--clear", "--python", version, str(home)], limit)
    install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
    started([*install, *packages.split()], limit)
    stamp.write_text(packages, encoding="utf-8")
    return python


def measured(tool: Tool, lesions: Path, environments: Path, repeats: int, limit: float) -> dict:
    """Let the worker measure the lesions; what it found, or the reason it did not."""
    settings = os.environ | dict.fromkeys(THREADS, "1")
    python = Path(sys.executable)
    try:
        if tool.environment:
            settings.pop("PYTHONPATH", None)
            python = install(tool.environment, environments, limit)
        with tempfile.TemporaryDirectory() as place:
            result = Path(place) / "result.json"
            worker = [str(python), str(HERE / "peers_worker.py"), tool.worker, str(lesions)]
            started([*worker, str(result), str(repeats)], limit, cwd=place, env=settings)
            return json.loads(result.read_text(encoding="utf-8"))
    except FailedError as error:
        return {"skipped": str(error)}


def camel(name: str) -> str:
    """Return pyradiomics' form of a name in small letters."""
    name = re.sub(r"(\d)th", r"\1", name)
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def table_of_names() -> pd.DataFrame:
    """Our names, the IBSI's codes and MIRP's names of the features that all three know."""
    return pd.read_csv(HERE / "peers_names.csv", dtype=str)


def renamed(values: dict[str, float], naming: str) -> dict[str, float]:
    """Return the values that have a name of ours, under it; the standard's kurtosis plus 3."""
    if naming == "pyradiomics":
        return {k: v for k, v in values.items() if not k.startswith("diagnostics_")}
    if naming == "fastrad":
        pairs = [(*name.split(":"), value) for name, value in values.items()]
        return {f"original_{group}_{camel(name)}": value for group, name, value in pairs}
    names = table_of_names()
    known = dict(zip(names[naming], names["ours"], strict=True))
    found = {}
    for name, value in values.items():
        # MIRP ends a name with its settings: cm_contrast_d1_2d_avg_fbs_w5.0.
        plain = name.rsplit("_", 1)[-1] if naming == "ibsi" else re.split(r"_(d1|2d|fbs)_", name)[0]
        if plain in known:
            shift = 3.0 if known[plain] == "firstorder_Kurtosis" else 0.0
            found[f"original_{known[plain]}"] = value + shift
    return found


def distance(ours: float, theirs: float) -> float:
    """Relative difference of two values; without end where either is no number."""
    largest = max(abs(ours), abs(theirs))
    if not math.isfinite(largest) or math.isnan(ours - theirs):
        return math.inf
    return abs(ours - theirs) / largest if largest else 0.0


def agreement(ours: Values, theirs: Values) -> dict[str, float]:
    """Largest relative difference over the lesions of every feature in common."""
    common = set.intersection(*(set(values) for values in (*ours, *theirs)))
    return {
        name: max(distance(a[name], b[name]) for a, b in zip(ours, theirs, strict=True))
        for name in sorted(common)
    }


def row(found: dict, base: dict, reference: Values, naming: str, noise: set[str]) -> dict:
    """Figures of one tool: time, and agreement with our values."""
    if "skipped" in found:
        return {"skipped": found["skipped"]}
    apart = agreement(reference, [renamed(values, naming) for values in found["values"]])
    groups: dict[str, list[str]] = {}
    for name, difference in apart.items():
        if difference > EQUAL and name not in noise:
            groups.setdefault(name.split("_")[1], []).append(name)
    milliseconds = 1e3 * np.array(found["seconds"])
    own = [k for k in found["values"][0] if not k.startswith("diagnostics_")]
    return {
        "version": found["version"],
        "features": len(own),
        "median_ms": float(np.median(milliseconds)),
        "least_ms": float(milliseconds.min()),
        "most_ms": float(milliseconds.max()),
        "total_s": float(milliseconds.sum() / 1e3),
        "stock_over_it": sum(base["seconds"]) / sum(found["seconds"]) if base else None,
        "common": len(apart),
        "equal": sum(difference <= EQUAL for difference in apart.values()),
        "close": sum(difference <= CLOSE for difference in apart.values()),
        "noise": sum(name in noise for name in apart),
        "equal_noise": sum(apart[name] <= EQUAL for name in apart if name in noise),
        "unequal": groups,
        "seconds": found["seconds"],
    }


def short(value: float) -> str:
    """Return a number to three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def markdown(rows: dict[str, dict]) -> str:
    """Return the table as it stands in the documentation."""
    head = (
        "tool", "features", "ms a lesion, median (range)", "all, s", "stock's time ÷ its",
        "in common with ours", "equal", "within 0.001", "equal, without noise bands",
    )  # fmt: skip
    lines = [head, ("---",) * len(head)]
    for name, figures in rows.items():
        if "skipped" in figures:
            lines.append((name, f"not measured: {figures['skipped']}", *[""] * (len(head) - 2)))
            continue
        ratio = figures["stock_over_it"]
        middle, least, most = (short(figures[f"{k}_ms"]) for k in ("median", "least", "most"))
        told = figures["common"] - figures["noise"]
        lines.append(
            (
                f"{name} ({figures['version']})",
                str(figures["features"]),
                f"{middle} ({least} to {most})",
                short(figures["total_s"]),
                short(ratio) if ratio else "",
                str(figures["common"]),
                str(figures["equal"]),
                str(figures["close"]),
                f"{figures['equal'] - figures['equal_noise']} of {told}",
            )
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def processor() -> str:
    """Return the processor's name, where the machine says it."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    named = re.search(r"model name\s*: (.+)", text)
    return named[1] if named else platform.processor()


def store_lesions(images: Path, count: int, seed: int, folder: Path) -> None:
    """Write our settings and the lesions that ``radiomics.py`` draws where the workers read."""
    settings = json.dumps(pyradiomics_parameters(PRESETS["us2d-1561"], 5.0))
    (folder / "settings.json").write_text(settings, encoding="utf-8")
    drawn = runpy.run_path(str(HERE / "radiomics.py"))["find_lesions"](images, count, seed)
    for lesion in (reader() for readers in drawn.values() for reader in readers):
        np.savez(folder / lesion.lesion_id, image=lesion.image, mask=lesion.mask.astype(bool))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    told = os.environ.get("BREAST_DIR")
    parser.add_argument("--images", type=Path, default=told, required=not told)
    parser.add_argument("--lesions", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3, help="median of so many, until 1 s")
    parser.add_argument("--only", nargs="+", choices=TOOLS, help="beside ours and stock")
    parser.add_argument("--environments", type=Path, default=HERE.parent / ".cache/peers")
    parser.add_argument("--limit", type=float, default=1800, help="seconds, for each step")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()

    schema = feature_schema("us2d-1561")
    noise = set(schema.index[schema["degenerate"]])
    asked = [*TOOLS][:3] + (options.only or [*TOOLS])
    rows: dict[str, dict] = {}
    with tempfile.TemporaryDirectory(prefix="spl_peers_") as place:
        store_lesions(options.images, options.lesions, options.seed, Path(place))
        environments = options.environments.resolve()
        step = (Path(place), environments, options.repeats, options.limit)
        flat = measured(Tool("flat"), *step)
        found: dict[str, dict] = {}
        for name in dict.fromkeys(asked):
            tool = TOOLS[name]
            found[name] = measured(tool, *step)
            if name == "spl_kedro":
                if "skipped" in found[name]:
                    sys.exit(f"spl_kedro itself was not measured: {found[name]['skipped']}")
                extra = flat.get("values", [{}] * len(found[name]["values"]))
                reference = [a | b for a, b in zip(found[name]["values"], extra, strict=True)]
            print(f"{name}: {found[name].get('skipped', 'measured')}", file=sys.stderr, flush=True)
        for name, result in found.items():
            base = found[TOOLS[name].base]
            usable = {} if "skipped" in base else base
            rows[name] = row(result, usable, reference, TOOLS[name].naming, noise)
    month = datetime.date.today().strftime("%B %Y")
    print(f"{processor()}, {month}, {options.lesions} lesions\n\n{markdown(rows)}\n")
    for name, figures in rows.items():
        unequal = {group: len(names) for group, names in figures.get("unequal", {}).items()}
        if unequal:
            print(f"{name}: unequal without noise bands, by class: {unequal}")
    if options.json:
        report = {"processor": processor(), "month": month, "tools": rows}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
