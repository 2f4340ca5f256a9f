import numpy as np
import pandas as pd
import pytest
from tests.multiclass.conftest import class_settings, class_study, quick

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.protocol import training_splits
from spl_kedro.multiclass import class_performance, fit_classes
from spl_kedro.multiclass.measures import class_cells
from spl_kedro.schemas import ClassPredictions


def test_every_lesion_has_probabilities_of_all_classes_that_sum_to_one(fitted):
    table, _, models, predictions = fitted
    ClassPredictions.validate(predictions)
    sums = predictions.groupby(["lesion_id", "model", "repeat"])["probability"].sum()
    np.testing.assert_allclose(sums, 1)
    training = predictions[predictions["cohort"] == "training"]
    assert set(training["repeat"]) == {0, 1}
    assert set(training["lesion_id"]) == set(table.lesions("training"))
    assert list(models.shares) == class_settings().names
    assert sum(models.shares.values()) == pytest.approx(1)


def test_no_patient_is_on_both_sides_and_the_folds_are_those_of_the_study(fitted):
    table, _, _, predictions = fitted
    training = predictions[predictions["cohort"] == "training"]
    assert (training.groupby(["repeat", "patient_id"])["fold"].nunique() == 1).all()
    folds = training.drop_duplicates(["repeat", "lesion_id"]).set_index(["repeat", "lesion_id"])
    lesions = table.lesions("training")
    for repeat, splits in enumerate(training_splits(table, quick())):
        for number, (_, test) in enumerate(splits):
            assert (folds.loc[repeat].loc[lesions[test], "fold"] == number).all()


def test_the_stored_models_give_the_scores_of_unseen_lesions(fitted):
    table, _, models, predictions = fitted
    lesions = table.lesions("validation")
    wide = predictions[predictions["cohort"] == "validation"].pivot(
        index="lesion_id", columns="of_class", values="probability"
    )
    found = models.probabilities("rad", table.unseen(lesions))
    pd.testing.assert_frame_equal(
        found, wide.loc[lesions, found.columns], check_names=False, rtol=1e-12
    )


def test_classes_that_features_tell_are_told_apart(fitted):
    _, _, models, predictions = fitted
    table = class_performance(predictions, dict(models.shares), quick_evaluation())
    macro = table[table["metric"] == "auc_macro"].set_index("cohort")["low"]
    assert (macro > 0.6).all()


def test_shuffled_classes_are_told_apart_by_chance_alone():
    table, classes = class_study(signal=0.0)
    rng = np.random.default_rng(5)
    settings = quick().model_copy(
        update={"protocol": quick().protocol.model_copy(update={"n_splits": 2, "n_repeats": 1})}
    )
    own = classes.groupby(table.patient_id).first()
    cohort = table.cohort.groupby(table.patient_id).first()
    found = []
    for _ in range(8):
        dealt = own.groupby(cohort).transform(rng.permutation)
        shuffled = table.patient_id.map(dealt)
        models, predictions = fit_classes(table, shuffled, settings, class_settings())
        cells = class_cells(predictions, list(models.shares))
        (cell,) = (cell for cell in cells if cell.cohort == "validation")
        found.append(np.mean([_auc(cell, k) for k in range(3)]))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - 0.5) <= 3 * error
    assert error > 0


def test_lesions_without_a_class_have_no_part_and_the_folds_stay():
    table, classes = class_study()
    some = classes.drop(["L000", "L007", "L080"])
    _, predictions = fit_classes(table, some, quick(), class_settings())
    assert set(predictions["lesion_id"]) == set(some.index)
    training = predictions[predictions["cohort"] == "training"]
    folds = training.drop_duplicates(["repeat", "lesion_id"]).set_index(["repeat", "lesion_id"])
    lesions = table.lesions("training")
    for repeat, splits in enumerate(training_splits(table, quick())):
        for number, (_, test) in enumerate(splits):
            own = lesions[test].intersection(some.index)
            assert (folds.loc[repeat].loc[own, "fold"] == number).all()


def test_a_model_that_is_not_declared_is_named():
    table, classes = class_study()
    with pytest.raises(UnusableStudyError, match=r"multiclass\.models names 'vision'"):
        fit_classes(table, classes, quick(), class_settings(models=["vision"]))


def quick_evaluation():
    from spl_kedro.modeling.evaluation import EvaluationSettings

    return EvaluationSettings(n_bootstrap=100)


def _auc(cell, k):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(cell.truth == k, cell.probability[0, :, k])
