import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from spl_kedro.features.deep import (
    AugmentationSettings,
    assign_folds,
    crop_all,
    embed_cohort,
    reduce_embeddings,
    train_networks,
)

from .conftest import make_lesion


@pytest.fixture(scope="module")
def features(tiny):
    """Features of lesions whose labels are drawn by lot: there is nothing to learn."""
    rng = np.random.default_rng(11)
    ids = [f"SPL{i:04d}" for i in range(48)]
    made = {i: make_lesion(i, rng.uniform(40, 120), rng) for i in ids}
    cohort = pd.DataFrame(
        {
            "patient_id": ids,
            "label": rng.permutation(np.arange(48) % 2),
            "cohort": "training",
            "simulated": True,
        },
        index=pd.Index(ids, name="lesion_id"),
    )
    # Unaugmented, so that the networks can learn the lesions they see by heart.
    still = AugmentationSettings(**dict.fromkeys(AugmentationSettings.model_fields, 0.0))
    settings = tiny.model_copy(
        update={"epochs": 12, "label_smoothing": 0.0, "batch_size": 12, "augmentation": still}
    )
    crops, _ = crop_all({i: (lambda i=i: made[i]) for i in ids}, settings)
    folds = assign_folds(cohort, settings.folds, settings.seed)
    states = {n.name: n.state for n in train_networks(crops, cohort, folds, settings)}
    both = embed_cohort(crops, cohort, folds, states, settings)
    return cohort["label"], [reduce_embeddings(table, cohort.index, 4) for table in both]


def cross_validated_auc(features: pd.DataFrame, labels: pd.Series) -> float:
    scores = cross_val_predict(
        LogisticRegression(), features, labels, cv=5, method="decision_function"
    )
    return float(roc_auc_score(labels, scores))


def test_labels_drawn_by_lot_are_not_predicted_by_cross_fitted_features(features):
    labels, (cross_fitted, _) = features
    # Hanley & McNeil (1982): standard error of the AUC of 24 against 24 at 0.5.
    error = np.sqrt((0.25 + 23 * 2 * (1 / 3 - 0.25)) / (24 * 24))
    auc = cross_validated_auc(cross_fitted, labels)
    assert abs(auc - 0.5) < 1.96 * error


def test_in_sample_features_predict_even_labels_drawn_by_lot(features):
    labels, (_, as_published) = features
    assert cross_validated_auc(as_published, labels) > 0.75
