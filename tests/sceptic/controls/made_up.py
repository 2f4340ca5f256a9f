"""A model, its lesions and controls that were made up, for what is read off their table."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.sceptic.controls.declaration import CONTROLS
from spl_kedro.sceptic.controls.judging import judge_controls
from spl_kedro.sceptic.controls.scoring import Scored
from spl_kedro.sceptic.controls.settings import ControlSettings

N = 120


def made_up_inputs(full_model: str = "rad") -> SimpleNamespace:
    """Return scores of two models that learnt elsewhere, on 120 lesions; some patients have two."""
    rng = np.random.default_rng(8)
    label = np.arange(N) % 2
    models = {
        name: SimpleNamespace(
            scores=(label + rng.normal(size=(2, N))) / 10, folds=np.full((2, N), -1)
        )
        for name in ("rad", "cdlr")
    }
    return SimpleNamespace(
        training=pd.Index([f"L{i}" for i in range(N)]),
        label=label,
        patient=np.array([f"P{i // 2 if i < 20 else i}" for i in range(N)]),
        settings=ControlSettings(full_model=full_model),
        evaluation=EvaluationSettings(),
        fitted=SimpleNamespace(cross_fits=models),
    )


def made_up_table() -> pd.DataFrame:
    """Return a table of all controls: they know nothing, but for size; one was not computed."""
    inputs, rng = made_up_inputs("cdlr"), np.random.default_rng(9)
    scored = []
    for control in CONTROLS:
        scores = (rng.normal(size=(2, N)) + (control.name == "size") * inputs.label) / 10
        one = Scored(control, np.arange(N), [(inputs.label, scores)], note=f"of {control.name}")
        if control.kind == "permuted":
            one = Scored(control, np.arange(N), aucs=np.array([0.48, 0.52, 0.55, 0.47, 0.51]))
        if control.kind == "site":
            one = Scored(control, np.empty(0, dtype=np.int64), note="one site")
        scored.append(one)
    return judge_controls(scored, inputs)
