"""An image model that learns from the most malignant image of each malignant patient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.feature import FeatureSignature


class WitnessSignature(Signature):
    """Choose one image of each malignant patient, learn from it and all benign images, repeat.

    That a patient is malignant says that some image shows it, not that all do (MI-SVM, Andrews,
    Tsochantaridis and Hofmann, NIPS 2002). Each round learns from the images chosen so far, at
    first all, and chooses of each malignant patient the image with the highest score; it ends when
    the choice stays. A patient's score is to be the highest of their images'.

    Parameters
    ----------
    image : FeatureSignature
    rounds : int, default=3
        At most so many choices.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    image_ : FeatureSignature
        Fitted on the images chosen last.
    chosen_ : ndarray of bool, shape (n_images,)
    rounds_ : int
        Choices made; 0 where every malignant patient has one image.
    selected_features_ : list of str
    fallback_ : str or None
    """

    _called = "image model"

    def __init__(self, image: FeatureSignature, rounds: int = 3):
        self.image = image
        self.rounds = rounds

    def input_columns(self) -> list[str] | None:
        """Return the columns of the wide table it reads."""
        return self.image.input_columns()

    def fit(self, X: pd.DataFrame, y: Any, groups: Any = None) -> WitnessSignature:
        """Choose images and learn.

        Parameters
        ----------
        X : DataFrame, shape (n_images, n_columns)
        y : array-like, shape (n_images,)
            Two classes.
        groups : array-like, shape (n_images,), optional
            Patients; without, each image is one.

        Returns
        -------
        WitnessSignature
        """
        y = np.asarray(y)
        labels = self._learn_classes(y)
        who = np.arange(len(y)) if groups is None else np.asarray(groups)
        self.chosen_, self.rounds_ = np.ones(len(y), dtype=bool), 0
        while self.rounds_ < self.rounds and _has_choice(labels, who):
            draft = clone(self.image).set_params(cv=None)
            draft.fit(X.iloc[self.chosen_], y[self.chosen_], groups=who[self.chosen_])
            again = witnesses(draft.predict_proba(X)[:, 1], labels, who)
            self.rounds_ += 1
            if np.array_equal(again, self.chosen_):
                break
            self.chosen_ = again
        self.image_ = clone(self.image)
        self.image_.fit(X.iloc[self.chosen_], y[self.chosen_], groups=who[self.chosen_])
        self.selected_features_ = self.image_.selected_features_
        self.fallback_ = self.image_.fallback_
        return self

    @property
    def selection_log_(self) -> pd.DataFrame:
        """One row per feature dropped: feature, step, reason, statistic."""
        return self.image_.selection_log_

    def learn_sites(self, X: Any) -> list[str]:
        """Let the image model's harmonizer learn sites it has not seen."""
        return self.image_.learn_sites(X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, of images, shape (n_images, 2)."""
        return self.image_.predict_proba(X)


def _has_choice(labels: NDArray[np.int64], who: NDArray[Any]) -> bool:
    malignant = who[labels == 1]
    return len(np.unique(malignant)) < len(malignant)


def witnesses(
    score: NDArray[np.float64], labels: NDArray[np.int64], who: NDArray[Any]
) -> NDArray[np.bool_]:
    """Return the images to learn from: benign ones, and one of each malignant patient.

    Parameters
    ----------
    score : ndarray of float, shape (n_images,)
    labels : ndarray of int, shape (n_images,)
    who : ndarray, shape (n_images,)
        Patients.

    Returns
    -------
    ndarray of bool, shape (n_images,)
        Of a patient's malignant images the one with the highest score, of ties the first.
    """
    chosen = labels == 0
    rows = pd.DataFrame({"who": who, "score": score})[labels == 1]
    highest = rows.sort_values("score", ascending=False, kind="stable").drop_duplicates("who")
    chosen[highest.index.to_numpy()] = True
    return chosen
