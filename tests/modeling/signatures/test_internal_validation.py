from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.signatures.internal_validation import (
    clinical_optimism,
    nested_cross_validation,
)
from spl_kedro.modeling.signatures.protocol import run_protocol

from .conftest import quick_settings

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


@pytest.fixture(scope="module")
def settings():
    return quick_settings(
        protocol={"n_splits": 3, "n_repeats": 2, "clinical_bootstrap": 40},
        classifier={"calibration_folds": 3, "kind": "logistic"},
    )


def test_on_the_training_cohort_it_is_the_cross_fitted_auc(study, settings):
    fits = run_protocol(study, settings).cross_fits
    nested = nested_cross_validation(study, settings, fits).set_index("model")
    label = study.label.to_numpy()[study.rows("training")]
    single = [auc_interval(label, score).auc for score in fits["rad"].scores]
    assert nested.loc["rad", "auc"] == pytest.approx(np.mean(single), rel=1e-12)
    assert nested.loc["rad", ["lowest_repeat", "highest_repeat"]].tolist() == sorted(single)
    assert (nested["lowest_repeat"] <= nested["auc"]).all()
    assert (nested["auc"] <= nested["highest_repeat"]).all()
    assert (nested["low"] < nested["auc"]).all()


def test_training_and_validation_lesions_can_be_pooled(study, settings):
    protocol = settings.protocol.model_copy(
        update={"nested_cohorts": ("training", "validation"), "n_repeats": 1}
    )
    pooled = settings.model_copy(update={"protocol": protocol})
    nested = nested_cross_validation(study, pooled)
    assert nested["n"].unique().tolist() == [120]
    assert nested["cohorts"].unique().tolist() == ["training + validation"]
    assert nested.set_index("model").loc["rad", "auc"] > 0.75


def test_the_bootstrap_takes_the_optimism_off_the_apparent_auc(study, settings):
    row = clinical_optimism(study, settings).iloc[0]
    assert row["resamples"] == 40
    assert 0 < row["optimism"] < 0.1
    assert row["corrected"] == pytest.approx(row["apparent"] - row["optimism"])
    assert row["low"] < row["corrected"] < row["high"]


def test_without_resamples_there_is_no_correction(study):
    none = quick_settings(protocol={"clinical_bootstrap": 0})
    assert clinical_optimism(study, none).empty


def test_on_noise_the_corrected_auc_is_near_a_half(study):
    """Mean over four draws of the labels.

    Fails if the optimism is added instead of taken off, or is that of a model without selection.
    """
    keep_all = quick_settings(
        protocol={"clinical_bootstrap": 20}, clinical={"univariate_p": 1.0, "multivariable_p": 1.0}
    )
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        shuffled = study.label.sample(frac=1, random_state=rng).set_axis(study.label.index)
        found.append(clinical_optimism(replace(study, label=shuffled), keep_all).iloc[0])
    corrected = np.mean([row["corrected"] for row in found])
    # Mann & Whitney (1947): variance of the AUC of 45 against 45 lesions at a half.
    error = np.sqrt(91 / (12 * 45**2) / len(found))
    assert abs(corrected - 0.5) < 3 * error
    assert all(row["apparent"] > row["corrected"] for row in found)


def paired(study):
    """Return the study with two lesions of one label for each patient."""
    order = study.label.sort_values(kind="stable").index
    names = {lesion: f"{study.label[lesion]}-{place // 2}" for place, lesion in enumerate(order)}
    rows = study.rows("training")
    training = study.X.index[rows]
    return replace(
        study,
        patient_id=pd.Series(
            [names[i] if i in set(training) else f"other {i}" for i in study.X.index],
            study.X.index,
        ),
    )


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_estimates_from_inside_are_of_patients_where_scores_are_pooled(study, settings, pooling):
    own = paired(study)
    fits = run_protocol(own, settings, only=["clinical", "rad"]).cross_fits
    nested = nested_cross_validation(own, settings, fits, pooling=pooling).set_index("model")
    rows = own.rows("training")
    patient, label = own.patient_id.to_numpy()[rows], own.label.to_numpy()[rows]
    single = []
    for score in fits["rad"].scores:
        table = pd.DataFrame({"patient": patient, "label": label, "score": score})
        by_patient = table.groupby("patient").agg({"label": "max", "score": pooling})
        single.append(auc_interval(by_patient["label"], by_patient["score"]).auc)
    assert nested.loc["rad", "auc"] == pytest.approx(np.mean(single), rel=1e-12)
    assert nested.loc["rad", "n"] == len(set(patient))
    corrected = clinical_optimism(own, settings, pooling=pooling).iloc[0]
    assert corrected["n"] == len(set(patient))
    assert 0 < corrected["optimism"] < 0.15
