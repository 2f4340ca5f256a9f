"""What is evaluated in worker processes, and kept."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from coverage_cohorts import CohortTask, Fitted, reduced_settings
from coverage_fixed import DrawTask
from coverage_reported import reported

import spl_kedro.modeling.evaluation as evaluation
from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.store import ContentStore, content_key


class Judged(NamedTuple):
    """What the study's tables say of one cohort, and the cohort."""

    said: pd.DataFrame
    fitted: Fitted


@dataclass(frozen=True)
class EvaluateTask:
    """Fit one cohort, or take it from the store, and evaluate it."""

    cohort: CohortTask
    n_bootstrap: int
    code: str

    def __call__(self) -> Judged:
        """Return the evaluated cohort, without the progress of its fits."""
        with redirect_stderr(StringIO()):
            return self._judged()

    def _judged(self) -> Judged:
        fitted = self.cohort()
        settings = reduced_settings(self.n_bootstrap).evaluation
        kind, number = self.cohort.kind, self.cohort.number
        key = content_key(
            "evaluated", kind, number, self.cohort.fits, fitted.predictions, settings, self.code
        )
        store = ContentStore(self.cohort.directory)
        stored = store.load(key)
        if stored is not None:
            said = pickle.loads(zlib.decompress(stored))
        else:
            said = reported(
                fitted.predictions, fitted.cohort, settings, comparisons_only=kind != "study"
            )
            said = pd.concat([said, _corrected(fitted)], ignore_index=True).assign(number=number)
            store.save(key, zlib.compress(pickle.dumps(said)))
        return Judged(said, fitted)


@dataclass(frozen=True)
class StoredDraws:
    """Some draws of fixed scores, from the store where they are."""

    task: DrawTask
    directory: str | None
    code: str

    def __call__(self) -> pd.DataFrame:
        """Return what the tables say of each."""
        parts = [repr(self.task), self.code]
        store, key = ContentStore(self.directory), content_key(*parts)
        stored = store.load(key)
        if stored is not None:
            return pickle.loads(zlib.decompress(stored))
        with redirect_stderr(StringIO()):
            said = self.task()
        store.save(key, zlib.compress(pickle.dumps(said)))
        return said


def code_of_evaluation() -> str:
    """Return a checksum of everything that makes intervals, and of what asks for them."""
    folder = Path(str(evaluation.__file__)).parent
    asking = [Path(__file__).with_name(f"coverage_{name}.py") for name in ("reported", "fixed")]
    files = [*sorted(folder.glob("*.py")), *asking]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _corrected(fitted: Fitted) -> pd.DataFrame:
    """Return the clinical AUC less its optimism, as `clinical_optimism` reports it."""
    if "corrected" not in fitted.optimism:
        return pd.DataFrame()
    rows = fitted.predictions
    rows = rows[(rows["protocol"] == "as_published") & (rows["cohort"] == "training")]
    rows = rows[rows["model"] == "clinical"]
    apparent = auc_interval(rows["label"], rows["score"])
    optimism = fitted.optimism["optimism"]
    row = {"protocol": "leak_free", "cohort": "training", "model": "clinical"}
    row |= {"quantity": "auc corrected for optimism", "value": fitted.optimism["corrected"]}
    return pd.DataFrame([row | {"low": apparent.low - optimism, "high": apparent.high - optimism}])
