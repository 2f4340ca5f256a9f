import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.units import cells, patients_of, pooled_arrays, scored_units


def two_lesion_patient():
    return pd.DataFrame(
        {
            "lesion_id": ["l3", "l1", "l2"],
            "patient_id": ["q", "p", "p"],
            "label": [0, 0, 1],
            "model": "cdlr",
            "protocol": "leak_free",
            "cohort": "validation",
            "repeat": 0,
            "fold": -1,
            "score": [0.1, 0.2, 0.8],
        }
    )


@pytest.mark.parametrize(("how", "score"), [("mean", 0.5), ("max", 0.8)])
def test_pooling_gives_one_score_per_patient_malignant_if_any_lesion_is(how, score):
    pooled = scored_units(two_lesion_patient(), how).set_index("lesion_id")
    assert pooled.loc["p", "score"] == pytest.approx(score)
    assert pooled["label"].to_dict() == {"p": 1, "q": 0}


def test_without_pooling_every_lesion_stays_and_patients_are_known_to_repeat():
    (cell,) = cells(scored_units(two_lesion_patient()))
    assert cell.lesion.tolist() == ["l1", "l2", "l3"]
    assert (cell.n, cell.events, cell.clustered) == (3, 1, True)


def test_cells_come_in_the_schemas_order_whatever_the_rows_order(predictions):
    shuffled = predictions.sample(frac=1, random_state=1)
    names = [cell.names for cell in cells(scored_units(shuffled))]
    assert names[0] == ("leak_free", "clinical", "training")
    assert names[-1] == ("as_published_radial", "cdlr", "external")
    assert len(names) == 45


def test_a_missing_score_is_refused_naming_lesion_and_model():
    table = two_lesion_patient()
    table.loc[1, "score"] = float("nan")
    with pytest.raises(EvaluationError, match=r"finite_score.*lesion l1 of model cdlr"):
        scored_units(table)


def test_two_scores_of_one_lesion_are_refused():
    table = pd.concat([two_lesion_patient(), two_lesion_patient().head(1)], ignore_index=True)
    with pytest.raises(EvaluationError, match="rule one_score: lesion l3"):
        scored_units(table)


def repeated():
    again = two_lesion_patient().assign(repeat=1, fold=0, score=[0.3, 0.4, 0.6])
    first = two_lesion_patient().assign(fold=1)
    return pd.concat([again, first], ignore_index=True).assign(cohort="training")


def test_a_cell_holds_the_scores_and_folds_of_each_repeat_in_the_lesions_order():
    (cell,) = cells(scored_units(repeated()))
    assert (cell.n, cell.repeats) == (3, 2)
    assert cell.scores.tolist() == [[0.2, 0.8, 0.1], [0.4, 0.6, 0.3]]
    assert cell.folds.tolist() == [[1, 1, 1], [0, 0, 0]]
    assert cell.label.tolist() == [0, 1, 0]


def test_lesions_of_a_patient_are_pooled_within_a_repeat():
    (cell,) = cells(scored_units(repeated(), "max"))
    assert cell.lesion.tolist() == ["p", "q"]
    assert cell.scores.tolist() == [[0.8, 0.1], [0.6, 0.3]]


def test_a_lesion_without_a_score_in_some_repeat_is_refused():
    table = repeated().query("lesion_id != 'l2' or repeat == 0")
    with pytest.raises(EvaluationError, match=r"every_repeat: lesion l2 .* 1 of 2 scores of cdlr"):
        scored_units(table)


def test_a_model_the_schema_does_not_name_is_evaluated_after_the_others():
    table = pd.concat([two_lesion_patient(), two_lesion_patient().assign(model="another")])
    assert [cell.model for cell in cells(scored_units(table))] == ["cdlr", "another"]


def test_a_lesion_with_two_labels_is_refused():
    other = two_lesion_patient().assign(model="rad", label=[1, 0, 1])
    with pytest.raises(EvaluationError, match="rule one_label: lesion l3"):
        scored_units(pd.concat([two_lesion_patient(), other], ignore_index=True))


@pytest.mark.parametrize("how", ["none", "mean", "max"])
def test_arrays_are_pooled_as_tables_are(how):
    table = repeated()
    units = scored_units(table, how)
    (cell,) = cells(units)
    wide = table.sort_values(["repeat", "lesion_id"])
    first = wide[wide["repeat"] == 0]
    shape = 2, -1
    label, scores, folds, patient = pooled_arrays(
        first["label"].to_numpy(),
        wide["score"].to_numpy().reshape(shape),
        wide["fold"].to_numpy().reshape(shape),
        first["patient_id"].to_numpy(),
        how,
    )
    np.testing.assert_array_equal(label, cell.label)
    np.testing.assert_allclose(scores, cell.scores, rtol=1e-15)
    np.testing.assert_array_equal(folds, cell.folds)
    np.testing.assert_array_equal(patient, cell.patient)


def test_a_cohorts_patients_are_those_that_are_scored():
    # Fault: the label of the first image alone, where another one is malignant.
    cohort = two_lesion_patient().set_index("lesion_id")[["patient_id", "label"]]
    cohort["age"] = [30, 50, 60]
    patients = patients_of(cohort)
    assert patients["label"].to_dict() == {"p": 1, "q": 0}
    assert patients["age"].to_dict() == {"p": 50, "q": 30}
