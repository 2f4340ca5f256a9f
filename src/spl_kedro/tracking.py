"""What a training leaves behind to be tracked, without knowing the tracker.

Training code returns :class:`TrainingRecord` objects; the catalog's
``TrainingRunsDataset`` turns each into a child run of the current MLflow run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from spl_kedro.drawing import Drawing


@dataclass
class TrainingRecord:
    """One training: one network of one fold, or one signature under one protocol.

    Attributes
    ----------
    name : str
        Name of the run, for example ``"resnet50 fold 2"`` or ``"cdlr leak_free"``.
    params : dict of str to scalar
        Resolved settings of this training.
    metrics : dict of str to float
        Final metrics, named ``<cohort>.<metric>`` (``validation.auc``).
    curves : dict of str to list of float
        One value per epoch or step, in order.
    tags : dict of str to str
        Labels to filter runs by, such as ``{"model": "cdlr", "protocol": "leak_free"}``.
    tables : dict of str to DataFrame
        Small tables stored as artifacts (selected features, coefficients).
    figures : dict of str to Drawing
        Pictures stored as artifacts; of a network, what it looks at.
    model : object or None
        Fitted estimator or network to store with a signature.
    model_name : str
        What the stored model is called.
    registered : str or None
        Registered model of which the stored one becomes a version.
    model_flavour : {"sklearn", "pytorch"}
        How to store `model`.
    input_example : DataFrame, ndarray or None
        A few synthetic or feature rows that fix the model's signature; never a patient's image.
    """

    name: str
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: dict[str, Drawing] = field(default_factory=dict)
    model: Any = None
    model_name: str = "model"
    registered: str | None = None
    model_flavour: str = "sklearn"
    input_example: Any = None
