"""What a run waits for that is no node's work: starts, loading and saving.

The start is that of ``kedro registry list``, beside the same command in an empty Kedro project in
this environment, so with the same plugins; rounds of both alternate, so that a busy machine slows
both. The overhead is the clock of a whole ``kedro run`` less the seconds its nodes' functions ran.

Run: ``python benchmarks/start.py [--quick] [--env ENV] [--rounds N] [--json FILE]``. ``--quick``
leaves out the whole run, which takes minutes and replaces the results under ``data``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DURATIONS = {"base": "data/08_reporting", "test": "data/test/08_reporting"}

EMPTY = {
    "pyproject.toml": """
        [tool.kedro]
        package_name = "empty"
        project_name = "empty"
        kedro_init_version = "{version}"
    """,
    "src/empty/__init__.py": "",
    "src/empty/settings.py": "",
    "src/empty/pipeline_registry.py": """
        from kedro.pipeline import Pipeline

        def register_pipelines():
            return {{"__default__": Pipeline([])}}
    """,
    "conf/base/catalog.yml": "",
    "conf/local/credentials.yml": "",
}


def make_empty_project(folder: Path) -> None:
    from inspect import cleandoc

    from kedro import __version__

    for name, text in EMPTY.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(cleandoc(text.format(version=__version__)) + "\n", encoding="utf-8")


def seconds(project: Path, *arguments: str) -> float:
    environment = {key: value for key, value in os.environ.items() if key != "KEDRO_ENV"}
    environment |= {"KEDRO_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    began = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-m", "kedro", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise RuntimeError(f"kedro {' '.join(arguments)} failed:\n{finished.stderr[-2000:]}")
    return time.perf_counter() - began


def measure_start(rounds: int) -> dict[str, float]:
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        make_empty_project(Path(folder))
        for project in (ROOT, Path(folder)):  # bytecode, file caches
            seconds(project, "registry", "list")
        for _ in range(rounds):
            empty.append(seconds(Path(folder), "registry", "list"))
            ours.append(seconds(ROOT, "registry", "list"))
    return {
        "registry_s": statistics.median(ours),
        "empty_project_registry_s": statistics.median(empty),
        "registry_over_empty_project": statistics.median(
            own / other for own, other in zip(ours, empty, strict=True)
        ),
    }


def measure_overhead(env: str) -> dict[str, float]:
    total = seconds(ROOT, "run", "--env", env)
    stored = ROOT / DURATIONS[env] / "run_durations.json"
    durations = json.loads(stored.read_text(encoding="utf-8"))
    start = durations.pop("start")["run"]
    phases = {
        phase: sum(node.get(phase, 0.0) for node in durations.values())
        for phase in ("load", "run", "save")
    }
    overhead = total - phases["run"]
    return {
        "run_s": total,
        "start_s": start,
        "load_s": phases["load"],
        "save_s": phases["save"],
        "overhead_s": overhead,
        "overhead_share": overhead / total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the start alone")
    parser.add_argument("--env", choices=DURATIONS, default="base", help="of the whole run")
    parser.add_argument("--rounds", type=int, default=15, help="repetitions of each start")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()
    figures = measure_start(options.rounds)
    if not options.quick:
        figures |= measure_overhead(options.env)
    print(", ".join(f"{name} {value:.3g}" for name, value in figures.items()))
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
