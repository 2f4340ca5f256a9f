"""What the controls start from: the fitted study, its lesions, and how they were measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import FeatureCache, RadiomicsParameters
from spl_kedro.imaging import Lesion
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.folds import Splits
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.sceptic.controls.settings import ControlSettings

#: Sources that can be measured anew on changed images.
MEASURABLE = ("radiomics", "deep")


@dataclass(frozen=True)
class ControlInputs:
    """A fitted study and all that its controls need.

    Attributes
    ----------
    table : StudyTable
    fitted : FittedStudy
        Cross-fitted on the table's training lesions.
    cohort, acquisition : DataFrame
        As in ``schemas``.
    lesions : mapping of str to callable
    modeling : SignatureSettings
    evaluation : EvaluationSettings
    radiomics : RadiomicsParameters
    deep : DeepSettings
    settings : ControlSettings
    networks : mapping of str to state dict
        The frozen network, where the image model has deep features.
    cache : FeatureCache or None
        Where radiomics features of changed images are kept.
    """

    table: StudyTable
    fitted: FittedStudy
    cohort: pd.DataFrame
    acquisition: pd.DataFrame
    lesions: Mapping[str, Callable[[], Lesion]]
    modeling: SignatureSettings
    evaluation: EvaluationSettings
    radiomics: RadiomicsParameters
    deep: DeepSettings
    settings: ControlSettings
    networks: Mapping[str, Any] = field(default_factory=dict)
    cache: FeatureCache | None = None

    def __post_init__(self) -> None:
        for key in ("image_model", "full_model"):
            name = getattr(self.settings, key)
            if name not in self.fitted.cross_fits:
                raise UnusableStudyError(
                    "controls compared with a fitted model",
                    f"controls.{key} names '{name}'; the study's cross-fitted models are "
                    f"{', '.join(self.fitted.cross_fits) or 'none'}.",
                    "Name one of them.",
                )
        model = self.settings.image_model
        own = self.fitted.declared[model].sources
        if not own or not set(own) <= set(MEASURABLE):
            raise UnusableStudyError(
                "an image model that can be measured on changed images",
                f"controls.image_model names '{model}', whose sources are "
                f"{', '.join(own) or 'none'}; those that can be measured anew are "
                f"{', '.join(MEASURABLE)}.",
                "Name a model of these sources, such as rad.",
            )

    @property
    def training(self) -> pd.Index:
        """The training lesions, in the table's order."""
        return self.table.lesions("training")

    @property
    def label(self) -> NDArray[np.int64]:
        """Their labels."""
        return self.table.label.loc[self.training].to_numpy()

    @property
    def patient(self) -> NDArray[Any]:
        """Their patients."""
        return self.table.patient_id.loc[self.training].to_numpy()

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of the image model."""
        return self.fitted.declared[self.settings.image_model].sources

    def repeats(self, rows: NDArray[np.int64] | None = None) -> list[Splits]:
        """Return the folds the study was cross-fitted in, of all its training lesions or some.

        Parameters
        ----------
        rows : ndarray of int, optional
            Positions among the training lesions; the folds are of positions among these.
        """
        folds = self.fitted.cross_fits[self.settings.image_model].folds
        folds = folds if rows is None else folds[:, rows]
        return [
            [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold)]
            for fold in folds
        ]
