"""Runs beside each other: their AUCs, and differences on the same lesions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spl_kedro.api.study import Study
from spl_kedro.modeling.evaluation.delong import AucTest, auc_covariance, auc_difference
from spl_kedro.modeling.evaluation.units import Cell, cells, scored_units

_UNKNOWN = AucTest(np.nan, np.nan, np.nan, np.nan, np.nan)


def compare_runs(
    runs: Mapping[str, Study], cohort: str = "validation", protocol: str = "leak_free"
) -> pd.DataFrame:
    """Set the models' AUCs of several runs beside each other.

    Parameters
    ----------
    runs : mapping of str to Study
        Finished runs by a name of yours; the first is what the others are compared with.
    cohort : str
        ``training`` (cross-fitted), ``validation`` or ``external``.
    protocol : str
        ``leak_free``, ``as_published`` or ``as_published_radial``.

    Returns
    -------
    DataFrame
        A row for each run and model: run, model, n, events, auc, low, high, as `performance` has
        them; difference, difference_low, difference_high and p, of the AUC to that of the first
        run (DeLong's paired test, 95 % or what the first run's ``confidence`` says). These are NaN
        for the first run, for other lesions than its own, and in training, where models vary
        with the folds; simulated.

    Raises
    ------
    UnusableStudyError
        If a run has no results.

    Notes
    -----
    Whoever looks at validation figures to choose a run has no validation left: compare training
    figures to choose. p values are not corrected for the number of models and runs.
    """
    names = list(runs)
    found = {name: _Scored(study, cohort, protocol) for name, study in runs.items()}
    parts = []
    for name, run in found.items():
        rows = run.auc()
        tests = [
            _UNKNOWN
            if name == names[0] or cohort == "training"
            else run.against(found[names[0]], m)
            for m in rows["model"]
        ]
        rows.insert(0, "run", name)
        rows["difference"] = [test.difference for test in tests]
        rows["difference_low"] = [test.low for test in tests]
        rows["difference_high"] = [test.high for test in tests]
        rows["p"] = [test.p for test in tests]
        rows["simulated"] = run.study.simulated
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


class _Scored:
    """One cohort of a run, scored under one protocol."""

    def __init__(self, study: Study, cohort: str, protocol: str) -> None:
        self.study, self._cohort, self._protocol = study, cohort, protocol
        told = study.table("predictions")
        own = told[(told["cohort"] == cohort) & (told["protocol"] == protocol)]
        units = scored_units(own, study.evaluation_settings.pooling)
        self._cells: dict[str, Cell] = {cell.model: cell for cell in cells(units)}
        lesions = study.cohort[study.cohort["cohort"] == cohort]
        # The same names may be other patients': simulated ones of another seed.
        self._lesions = lesions[["patient_id", "label", "image_sha256"]].sort_index()

    def auc(self) -> pd.DataFrame:
        told = self.study.table("performance")
        rows = told[
            (told["cohort"] == self._cohort)
            & (told["protocol"] == self._protocol)
            & (told["metric"] == "auc")
        ]
        columns = ["model", "n", "events", "value", "low", "high"]
        return rows[columns].rename(columns={"value": "auc"}).reset_index(drop=True)

    def against(self, first: _Scored, model: str) -> AucTest:
        """Test a model's AUC against the same model's of another run."""
        ours, theirs = self._cells.get(model), first._cells.get(model)
        if ours is None or theirs is None or not self._lesions.equals(first._lesions):
            return _UNKNOWN
        if not np.array_equal(ours.lesion, theirs.lesion) or ours.events in (0, ours.n):
            return _UNKNOWN
        auc, covariance = auc_covariance(ours.label, [theirs.scores, ours.scores], ours.patient)
        return auc_difference(auc, covariance, 0, 1, first.study.evaluation_settings.confidence)
