import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from spl_kedro.features.deep import (
    AugmentationSettings,
    assign_folds,
    crop_all,
    embed_cohort,
    reduce_embeddings,
    train_networks,
)
from spl_kedro.modeling.evaluation.delong import auc_within

from .conftest import make_lesion

LESIONS, FOLDS, DRAWS = 48, 4, 2


@pytest.fixture(scope="module")
def areas(tiny):
    """AUC of cross-fitted and of in-sample features, for labels shuffled several times."""
    rng = np.random.default_rng(11)
    ids = [f"SPL{i:04d}" for i in range(LESIONS)]
    made = {i: make_lesion(i, rng.uniform(40, 120), rng) for i in ids}
    # Unaugmented, so that the networks can learn the lesions they see by heart.
    still = AugmentationSettings(**dict.fromkeys(AugmentationSettings.model_fields, 0.0))
    settings = tiny.model_copy(
        update={"epochs": 12, "label_smoothing": 0.0, "batch_size": 12, "augmentation": still}
    )
    crops, _ = crop_all({i: (lambda i=i: made[i]) for i in ids}, settings)
    found = []
    for _ in range(DRAWS):
        cohort = pd.DataFrame(
            {
                "patient_id": ids,
                "label": rng.permutation(np.arange(LESIONS) % 2),
                "cohort": "training",
                "simulated": True,
            },
            index=pd.Index(ids, name="lesion_id"),
        )
        folds = assign_folds(cohort, settings.folds, settings.seed)
        states = {n.name: n.state for n in train_networks(crops, cohort, folds, settings)}
        both = embed_cohort(crops, cohort, folds, states, settings)
        features = [reduce_embeddings(table, cohort.index, 4) for table in both]
        found.append([cross_validated_auc(table, cohort["label"]) for table in features])
    return np.mean(found, axis=0)


def cross_validated_auc(features: pd.DataFrame, labels: pd.Series) -> float:
    """Return the AUC within folds; pooled over folds it is below a half where nothing is known."""
    splits = list(StratifiedKFold(FOLDS).split(features, labels))
    fold = np.empty(len(labels), dtype=int)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    scores = cross_val_predict(
        LogisticRegression(), features, labels, cv=splits, method="decision_function"
    )
    return auc_within(labels, scores, fold)


def test_random_labels_are_not_predicted_by_cross_fitted_features(areas):
    """Fails if a network embeds lesions that it was trained on."""
    # Mann & Whitney (1947): variance of the AUC of m against m lesions at a half.
    m = LESIONS // FOLDS // 2
    error = np.sqrt((2 * m + 1) / (12 * m**2) / FOLDS / DRAWS)
    assert abs(areas[0] - 0.5) < 3 * error


def test_in_sample_features_predict_even_random_labels(areas):
    """Shows that the networks learn by heart, without which the other test would say nothing."""
    assert areas[1] > 0.75
