"""A study of patients with several images, run as a user runs it, in miniature."""

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import roc_auc_score
from tests.projects import kedro, make_project

from spl_kedro.modeling import evaluation

MODELING = {
    "n_jobs": 1,
    "selection": {"lasso_alphas": 8, "lasso_folds": 3},
    "classifier": {"calibration_folds": 3},
    "protocol": {"n_splits": 3, "n_repeats": 2, "clinical_bootstrap": 4},
    "evaluation": {"n_bootstrap": 100, "pooling": "mean"},
}
SIMULATION = {
    "training_centre": {"patients": 30},
    "external_centre": {"patients": 10},
    "readers": {"second_lesions": 0},
    "images_per_patient": [1, 3],
    "workers": 1,
    "progress": False,
}
TABLES = (
    *("predictions", "performance", "nested_performance", "clinical_optimism", "comparisons"),
    *("calibration", "decision_curves", "subgroups", "thresholds", "table_one"),
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("several"))
    for name, values in {"modeling": MODELING, "simulation": SIMULATION}.items():
        path = project / f"conf/test/parameters_{name}.yml"
        path.write_text(yaml.safe_dump({name: values}))
    run = kedro(project, "run", "--env", "test", "--to-outputs", ",".join(TABLES))
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    found = {}
    for name in (*TABLES, "cohort"):
        (path,) = (project / "data/test").glob(f"*/{name}.parquet")
        found[name] = pd.read_parquet(path)
    return found


def leak_free(table):
    return table[table["protocol"] == "leak_free"]


def test_no_patient_stands_in_two_cohorts_or_two_folds_and_some_have_several_images(tables):
    cohort, scores = tables["cohort"], leak_free(tables["predictions"])
    images = cohort.groupby("patient_id").size()
    assert len(images) == 40
    assert set(images) == {1, 2, 3}
    assert (cohort.groupby("patient_id")["cohort"].nunique() == 1).all()
    training = scores[scores["cohort"] == "training"]
    assert (training.groupby(["repeat", "patient_id"])["fold"].nunique() == 1).all()
    # What is stored are the scores of images; patients' are made of them.
    assert set(scores["lesion_id"]) == set(cohort.index)


def test_every_table_of_performance_counts_patients_and_says_so(tables):
    patients = tables["cohort"].groupby("cohort")["patient_id"].nunique()
    for name in ("performance", "comparisons", "calibration", "decision_curves"):
        table = leak_free(tables[name])
        if name == "calibration":
            table = table[table["kind"] == "smooth"]  # elsewhere n is that of a group of risk
        assert set(table["unit"]) == {"patients"}
        assert (table["n"] == table["cohort"].map(patients)).all(), name
    assert set(tables["subgroups"]["unit"]) == {"patients"}
    for name in ("nested_performance", "clinical_optimism"):
        assert set(tables[name]["n"]) == {patients["training"]}
    first = tables["table_one"].query("variable == 'n' and comparison == 'cohorts'")
    assert int(first.set_index("group")["value"]["training"]) == patients["training"]


def test_the_auc_of_patients_is_that_computed_by_hand(tables):
    scores = leak_free(tables["predictions"])
    auc = leak_free(tables["performance"]).query("metric == 'auc'")
    reported = auc.set_index(["model", "cohort"])["value"]
    for (model, cohort), rows in scores.groupby(["model", "cohort"]):
        single = []
        for _, repeat in rows.groupby("repeat"):
            patients = repeat.groupby("patient_id").agg({"label": "max", "score": "mean"})
            single.append(roc_auc_score(patients["label"], patients["score"]))
        assert reported[model, cohort] == pytest.approx(np.mean(single), rel=1e-9)
    nested = tables["nested_performance"].set_index("model")["auc"]
    own = reported.xs("training", level="cohort").loc[nested.index]
    np.testing.assert_allclose(nested, own, rtol=1e-9)


def test_thresholds_are_chosen_on_patients_cross_fitted_scores_alone(tables):
    # Fault: a threshold for images, or one that validation patients had a part in.
    settings = evaluation.EvaluationSettings(n_bootstrap=100)
    training = tables["predictions"].query("cohort == 'training'")
    by_hand = training.groupby(
        ["protocol", "model", "cohort", "repeat", "fold", "patient_id"], as_index=False
    ).agg({"label": "max", "score": "mean"})
    by_hand["lesion_id"] = by_hand["patient_id"]
    told = evaluation.operating_thresholds(by_hand, settings)
    keys = ["protocol", "model"]
    own = tables["thresholds"].set_index(keys)
    assert set(own["pooling"]) == {"mean"}
    pd.testing.assert_frame_equal(
        told.set_index(keys).loc[own.index], own.drop(columns="pooling"), rtol=1e-12
    )


def test_the_tables_are_the_same_bits_whatever_the_order_of_the_images(tables):
    settings = evaluation.EvaluationSettings(n_bootstrap=100, pooling="mean")
    settings = settings.model_copy(update={"seed": 20260324})
    shuffled = tables["predictions"].sample(frac=1, random_state=1)
    first = evaluation.performance(tables["predictions"], tables["thresholds"], settings)
    again = evaluation.performance(shuffled, tables["thresholds"], settings)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    auc = "metric == 'auc'"
    stored = tables["performance"].query(auc).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        first.query(auc)[["value", "low", "high"]].reset_index(drop=True),
        stored[["value", "low", "high"]],
        check_exact=True,
    )
