"""What one protocol leaves: a value that can be stored, and that everything after it reads."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.cross_fitting import CrossFit
from spl_kedro.modeling.signatures.declaration import ModelSettings, ProtocolRules
from spl_kedro.modeling.signatures.sources import FeatureSource
from spl_kedro.modeling.signatures.study_table import StudyTable

# What a stored model needs to be read back as it was.
_PROGRAMS = ("spl_kedro", "numpy", "scipy", "pandas", "scikit-learn", "statsmodels", "torch")


_CUTS = {"lowest": 0.0, "p01": 0.01, "median": 0.5, "p99": 0.99, "highest": 1.0}


@dataclass(frozen=True)
class FittedStudy:
    """The study's models fitted under one protocol, with all that using them needs.

    Imputer, encoder, harmoniser, selection, classifier and calibration are inside the models.

    Attributes
    ----------
    rules : ProtocolRules
    declared : mapping of str to ModelSettings
        Declaration of each fitted model, and of the models whose scores they use.
    sources : mapping of str to FeatureSource
        Columns, preset and repeatability of the features.
    models : mapping of str to Signature
        Fitted on the whole training cohort; without those the study has no variable for.
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`.
    cross_fits : mapping of str to CrossFit
        Empty for an in-sample protocol.
    filter_logs : mapping of str to DataFrame
        What filters outside the models dropped; empty where they are part of the fit.
    ranges : DataFrame
        What training lesions hold of each column, see :func:`column_ranges`.
    thresholds : DataFrame
        Operating thresholds by model; empty until they are known.
    networks : mapping of str to str
        SHA-256 of the networks the deep features come from, by name.
    versions : mapping of str to str
        Versions of the programs it was fitted with.
    plan : str
        Checksum of the parameters it was fitted with; empty of a study without an analysis plan.
    """

    rules: ProtocolRules
    declared: Mapping[str, ModelSettings]
    sources: Mapping[str, FeatureSource]
    models: Mapping[str, Signature]
    predictions: pd.DataFrame
    cross_fits: Mapping[str, CrossFit] = field(default_factory=dict)
    filter_logs: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    ranges: pd.DataFrame = field(default_factory=pd.DataFrame)
    thresholds: pd.DataFrame = field(default_factory=pd.DataFrame)
    networks: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    plan: str = ""

    @property
    def protocol(self) -> str:
        """Name of the protocol."""
        return self.rules.name

    def names(self, role: str) -> list[str]:
        """Return the fitted models of a role, ``main`` or ``part``."""
        return [name for name in self.models if self.declared[name].role == role]

    def sources_of(self, model: str) -> tuple[str, ...]:
        """Return the sources whose features a model, or the image model it fuses, reads."""
        declared = self.declared[model]
        return declared.sources if declared.score is None else self.declared[declared.score].sources

    def folds(self, table: StudyTable) -> pd.Series:
        """Return the fold in which each training lesion was left out in the first repeat.

        Parameters
        ----------
        table : StudyTable
            The table it was fitted on.

        Returns
        -------
        Series of int
            Index lesion_id.

        Raises
        ------
        ValueError
            If the protocol does not cross-fit.
        """
        if not self.cross_fits:
            raise ValueError(
                f"the protocol {self.protocol} holds no cross-fitted score of a training lesion: "
                "run the modeling pipeline with the leak_free protocol"
            )
        # All models are cross-fitted on the same folds.
        fold = next(iter(self.cross_fits.values())).folds[0]
        return pd.Series(fold, index=table.lesions("training"), name="fold")

    def without_fold(self, fold: int, role: str = "main") -> dict[str, Signature]:
        """Return the models of the first repeat that were fitted without a fold's lesions."""
        return {name: self.cross_fits[name].models[fold] for name in self.names(role)}

    def knowing(
        self,
        *,
        thresholds: pd.DataFrame | None = None,
        networks: Mapping[str, str] | None = None,
        plan: str | None = None,
    ) -> FittedStudy:
        """Return the study with what became known after the fit."""
        return replace(
            self,
            thresholds=self.thresholds if thresholds is None else thresholds,
            networks=self.networks if networks is None else dict(networks),
            plan=self.plan if plan is None else plan,
        )


def column_ranges(X: pd.DataFrame) -> pd.DataFrame:
    """Summarise what lesions hold of each column, to judge a new lesion against.

    Parameters
    ----------
    X : DataFrame, shape (n_lesions, n_columns)

    Returns
    -------
    DataFrame
        Index column; n known values, missing, lowest, p01, median, p99, highest of a number;
        of a category these are NaN and ``categories`` joins the categories seen by ``|``.
    """
    is_number = {name: is_numeric_dtype(X[name]) and not is_bool_dtype(X[name]) for name in X}
    numbers = X.loc[:, [name for name in X if is_number[name]]].astype("float64")
    cuts = numbers.quantile(list(_CUTS.values())).set_axis(list(_CUTS), axis=0).T
    table = pd.DataFrame({"n": X.notna().sum(), "missing": X.isna().sum()}).join(cuts)
    categories = {
        name: "|".join(sorted({str(value) for value in X[name].dropna()}))
        for name in X
        if not is_number[name]
    }
    table["categories"] = pd.Series(categories, dtype="str").reindex(table.index).fillna("")
    return table.rename_axis("column")


def program_versions(programs: Iterable[str] = _PROGRAMS) -> dict[str, str]:
    """Return the versions of Python and of some installed programs."""
    return {"python": platform.python_version()} | {name: version(name) for name in programs}
