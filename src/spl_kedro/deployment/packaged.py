"""What a study needs to score a new patient, and nothing of the patients it learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.deployment.sigmoid import Sigmoid
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.deep.alignment import Axes
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.modeling.evaluation.settings import Pooling
from spl_kedro.modeling.evaluation.units import pooling_of
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.declaration import ModelSettings
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.sources import FeatureSource
from spl_kedro.sceptic.stability.sums import RefitSums

#: Columns of the table of recalibrated models.
LINE = ["model", "intercept", "slope"]


@dataclass(frozen=True)
class PackagedStudy:
    """A fitted study that travels.

    Attributes
    ----------
    simulated : bool
        Whether it learnt from simulated patients.
    cohort : CohortSettings
        How tables, words and files were read.
    radiomics : RadiomicsSettings
        What is measured of a lesion.
    deep : DeepSettings
        What a network is given, and how its embedding is made.
    declared : mapping of str to ModelSettings
    sources : mapping of str to FeatureSource
        Columns of each source of features.
    models : mapping of str to Signature
        Fitted on all training lesions.
    networks : mapping of str to state dict
        Those that embed unseen lesions, by name.
    axes : mapping of str to Axes
        Of trained networks: where their embeddings meet; empty where the network is frozen.
    thresholds : DataFrame
        Columns model, threshold, and rule_out, rule_in, min_sensitivity, min_specificity, which
        studies packaged before there were any lack; pooling, where they are for patients' scores.
    ranges : DataFrame
        Index column; n, missing, p01, median, p99, categories of the training lesions.
    calibration : DataFrame
        One row per model with a conformal set: model, benign_up_to, malignant_from,
        stated_coverage.
    background : DataFrame
        Wide table of mean lesions, each of several training patients: what an explanation
        compares with.
    typical : mapping of str to float
        The largest embedding distance, outline size and pixel sizes that are still ordinary.
    sites : tuple of str
        Where its patients came from.
    development : DataFrame
        Performance when it was made (``performance``, leak-free).
    moments : DataFrame
        Mean and covariance of what models read of training lesions, for comparing case mix.
    texts : mapping of str to str
        Model card and intended use.
    versions : mapping of str to str
        Programs it was made with.
    recalibration : DataFrame
        Columns model, intercept, slope: the line that a model's log odds are moved by, of models
        that were recalibrated on local cases; without rows where none was.
    origin : mapping of str to Any
        Of a recalibrated study: the study_id it comes from, and on how many cases.
    refits : DataFrame
        Weights of the models' refits on resampled patients
        (:func:`spl_kedro.sceptic.stability.sums.weights_table`); without rows where they were not
        computed for these models.
    manifest : mapping of str to Any
        As it was read; empty before it is written.
    """

    simulated: bool
    cohort: CohortSettings
    radiomics: RadiomicsSettings
    deep: DeepSettings
    declared: Mapping[str, ModelSettings]
    sources: Mapping[str, FeatureSource]
    models: Mapping[str, Signature]
    networks: Mapping[str, Any]
    axes: Mapping[str, Axes]
    thresholds: pd.DataFrame
    ranges: pd.DataFrame
    calibration: pd.DataFrame
    background: pd.DataFrame
    typical: Mapping[str, float]
    sites: tuple[str, ...]
    development: pd.DataFrame
    moments: pd.DataFrame
    texts: Mapping[str, str]
    versions: Mapping[str, str]
    recalibration: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LINE))
    origin: Mapping[str, Any] = field(default_factory=dict)
    refits: pd.DataFrame = field(default_factory=pd.DataFrame)
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def study_id(self) -> str:
        """Which study it is, in 16 digits of its parts' checksum; none before it is written."""
        return str(self.manifest.get("study_id", ""))

    @cached_property
    def variables(self) -> list[str]:
        """Clinical variables that some model was offered, in the order of the cohort's settings."""
        read = {name for model in self.models.values() for name in model.input_columns() or ()}
        return [variable.name for variable in self.cohort.clinical if variable.name in read]

    @cached_property
    def refit_sums(self) -> RefitSums | None:
        """Refits of the models; None where there are none."""
        return RefitSums(self.refits) if len(self.refits) else None

    @property
    def pooling(self) -> Pooling:
        """How the scores of a patient's images become the one that thresholds are for."""
        return pooling_of(self.thresholds)

    def threshold(self, model: str) -> float:
        """Return the operating threshold of a model."""
        rows = self.thresholds[self.thresholds["model"] == model]
        return float(rows["threshold"].iloc[0])

    def zone(self, model: str) -> tuple[float, float]:
        """Return the thresholds of a model that rule out and in; NaN where it has none."""
        rows = self.thresholds[self.thresholds["model"] == model]
        rule_out, rule_in = rows.reindex(columns=["rule_out", "rule_in"]).iloc[0]
        return float(rule_out), float(rule_in)

    def sigmoid(self, model: str) -> Sigmoid:
        """Return what a model's scores are recalibrated by; a line that changes nothing if not."""
        rows = self.recalibration[self.recalibration["model"] == model].to_dict("records")
        return Sigmoid(float(rows[0]["intercept"]), float(rows[0]["slope"])) if rows else Sigmoid()

    def image_models(self) -> list[str]:
        """Return the models that need an image."""
        return [name for name in self.models if self.sources_of(name)]

    def sources_of(self, model: str) -> tuple[str, ...]:
        """Return the sources a model or the image model in it reads; none of a clinical one."""
        declared = self.declared[model]
        return declared.sources if declared.score is None else self.declared[declared.score].sources

    def needed_variables(self, model: str) -> list[str]:
        """Return the clinical variables that decide a model's score."""
        fitted = self.models[model]
        clinical = fitted.clinical_ if isinstance(fitted, FusionSignature) else fitted
        known = set(self.variables)
        return [name for name in clinical.selected_features_ if name in known]
