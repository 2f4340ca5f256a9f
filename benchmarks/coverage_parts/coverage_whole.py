"""Whole cohorts: simulated patients with images, through the pipelines, in miniature settings.

The truth is what the fitted models do on one large set of patients that the same simulation draws
with another seed, measured once. A run is kept in a project of its own in the store's folder: what
has been stored there is not made again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from coverage_reported import reported
from coverage_summary import against, coverage
from coverage_truth import CLINIC, People, truths
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from tqdm import tqdm

from spl_kedro.modeling.evaluation import EvaluationSettings, operating_thresholds
from spl_kedro.modeling.signatures.nested import mean_score

ROOT = Path(__file__).parents[2]
MODELS = ("clinical", "rad", "cdlr")
PAIRS = [("clinical", "rad"), ("clinical", "cdlr"), ("rad", "cdlr")]
FEATURES = "simulation,data_processing,radiomics,deep_features"
ASSEMBLE = "modeling.leak_free.assemble_table"
#: Seed of the patients that say what is true; cohorts count from 1.
POPULATION = 1_000_000


def whole_part(cohorts: int, directory: str, patients: int, population: int) -> dict[str, Any]:
    """Return the figures of whole cohorts.

    Parameters
    ----------
    cohorts : int
    directory : str
        Of the store.
    patients : int
        Of a cohort.
    population : int
        Of the set that says what is true.
    """
    project = _project(Path(directory).absolute() / "whole")
    truth = f"population_{population}"
    _environment(project, truth, POPULATION, population)
    _run(project, truth, "--pipelines", FEATURES)
    _run(project, truth, "--pipelines", "modeling", "--nodes", ASSEMBLE)
    table = _load(project, truth, "leak_free_study_table")
    judges = People(table.label.to_numpy(dtype=float), {})
    settings = EvaluationSettings(n_bootstrap=500, prevalence=CLINIC, subgroups=())
    rows = []
    for number in tqdm(range(cohorts), desc="whole cohorts"):
        name = f"cohort_{patients}_{number}"
        _environment(project, name, number + 1, patients)
        _run(project, name, "--pipelines", FEATURES)
        _run(project, name, "--pipelines", "modeling")
        study = _load(project, name, "leak_free_fitted_study")
        predictions = study.predictions[study.predictions["model"].isin(MODELS)]
        # The second hospital is another population.
        predictions = predictions[predictions["cohort"] != "external"]
        cuts = operating_thresholds(predictions, settings).set_index("model")["threshold"]
        scores = {model: mean_score(study.models[model], [table.X]) for model in MODELS}
        true = truths(judges, scores, cuts.astype(float).to_dict(), PAIRS)
        lesions = predictions.drop_duplicates("lesion_id").set_index("lesion_id")
        cohort = lesions[["patient_id", "cohort"]]
        said = reported(predictions, cohort, settings).assign(number=number)
        rows.append(against(said, true, "deployed model, on images"))
    found = coverage(pd.concat(rows)).to_dict("records")
    return {"patients": patients, "population": population, "coverage": found}


def _project(folder: Path) -> Path:
    """Lay out a project that shares this one's code, with configuration and data of its own."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    if not (folder / "src/spl_kedro").exists():
        (folder / "src/spl_kedro").symlink_to(ROOT / "src/spl_kedro")
    shutil.copytree(ROOT / "conf", folder / "conf", dirs_exist_ok=True)
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, folder)
    return folder


def _environment(project: Path, name: str, seed: int, patients: int) -> None:
    """Write an environment: the miniature with more patients, another seed and its own data."""
    folder = project / "conf" / name
    shutil.copytree(ROOT / "conf/test", folder, dirs_exist_ok=True)
    globals_ = {"data": f"data/{name}", "seed": seed, "dpi": dict.fromkeys(
        ("print", "screen", "small"), 60)}  # fmt: skip
    simulation = {
        "training_centre": {"patients": patients},
        "external_centre": {"patients": 16},
        "workers": 2,
        "progress": False,
        "reader_study": {"lesions": 40},
        "readers": {"second_lesions": 12},
    }
    for file, content in {
        "globals.yml": globals_,
        "parameters_simulation.yml": {"simulation": simulation},
    }.items():
        (folder / file).write_text(yaml.safe_dump(content), encoding="utf-8")


def _run(project: Path, env: str, *arguments: str) -> None:
    """Run pipelines once; a file says that they are done."""
    done = project / "data" / env / f"{arguments[-1].replace(',', '_')}.done"
    if done.exists():
        return
    environment = os.environ | {"SPL_KEDRO_ROOT": str(project)}
    command = [sys.executable, "-m", "kedro", "run", "--env", env, *arguments]
    ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command[1:])}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    done.touch()


def _load(project: Path, env: str, name: str) -> Any:
    os.environ["SPL_KEDRO_ROOT"] = str(project)
    bootstrap_project(project)
    with KedroSession.create(project, env=env) as session:
        return session.load_context().catalog.load(name)
