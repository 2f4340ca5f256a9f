from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.deployment import recalibration
from spl_kedro.deployment.archive import read_study, write_study
from spl_kedro.deployment.pack import pack_study
from spl_kedro.deployment.recalibrated import recalibrated_study
from spl_kedro.deployment.recalibration import (
    METHODS,
    REFIT,
    LocalCases,
    local_cases,
    recalibrate,
)
from spl_kedro.deployment.recalibration_settings import RecalibrationSettings
from spl_kedro.deployment.recalibration_tables import curve_table, line_table, performance_table
from spl_kedro.deployment.refit import EVENTS_PER_WEIGHT, fusion_cases
from spl_kedro.deployment.scoring import ImageFeatures, score_cases
from spl_kedro.deployment.sigmoid import Sigmoid, fit_sigmoid
from spl_kedro.drawing import Rendering
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.evaluation.calibration import log_odds
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.recalibrate.nodes import draw_recalibration
from spl_kedro.pipelines.recalibrate.nodes import recalibrate as recalibrate_node
from spl_kedro.pipelines.recalibrate.parameters import RecalibrationParameters

SETTINGS = RecalibrationSettings(seed=1, n_repeats=3)
EVALUATION = evaluation.EvaluationSettings(n_bootstrap=200)
COHORT = CohortSettings.model_validate(
    {
        "simulated": True,
        "columns": {"lesion_id": "case", "site": "hospital", "label": "diagnosis"},
        "clinical": [
            {"name": "age", "kind": "numeric", "column": "age"},
            {"name": "crp", "kind": "numeric", "column": "crp"},
            {"name": "sex", "kind": "category", "column": "sex"},
        ],
        "split": {"seed": 1},
    }
)


def simulated(n, intercept, slope, seed):
    """Cases whose log odds are intercept + slope times what the score says."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 1.5, n)
    label = (rng.random(n) < expit(intercept + slope * odds)).astype(np.int64)
    names = np.array([f"L{i:05d}" for i in range(n)])
    return LocalCases(names, names, label, expit(odds))


@pytest.mark.parametrize(("intercept", "slope"), [(-1.0, 1.0), (0.5, 0.6), (0.0, 1.5)])
def test_a_known_miscalibration_is_found_within_three_standard_errors(intercept, slope):
    cases = simulated(4000, intercept, slope, seed=3)
    line = fit_sigmoid(cases.label, cases.score, "intercept_and_slope")
    odds, p = log_odds(cases.score), line(cases.score)
    design = np.column_stack([np.ones_like(odds), odds])
    errors = np.sqrt(np.diag(np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design)))
    assert abs(line.intercept - intercept) < 3 * errors[0]
    assert abs(line.slope - slope) < 3 * errors[1]
    alone = fit_sigmoid(cases.label, cases.score, "intercept")
    assert alone.slope == 1.0
    assert alone(cases.score).mean() == pytest.approx(cases.label.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("intercept", "slope", "expected"),
    [(0.0, 1.0, {"none", "intercept"}), (-1.5, 1.0, {"intercept", "intercept_and_slope"}),
     (0.0, 0.4, {"intercept_and_slope"})],
)  # fmt: skip
def test_the_smallest_sufficient_update_is_chosen_and_never_loses(intercept, slope, expected):
    found = recalibrate(simulated(600, intercept, slope, seed=8), SETTINGS)
    assert found.method in expected
    assert found.log_loss[found.method] <= found.log_loss["none"]
    assert set(found.cross_fitted) == {*METHODS, "choice"}


def test_what_is_judged_was_fitted_and_chosen_without_the_case():
    # Fault: a case among those it is recalibrated by. Its own label must not move its score.
    cases = simulated(80, -1.0, 0.5, seed=2)
    flipped = cases.label.copy()
    flipped[7] = 1 - flipped[7]  # in the first fold; drawn folds would depend on the labels
    single = RecalibrationSettings(seed=1, n_repeats=1, method="intercept_and_slope", n_splits=2)
    folds = [[(np.arange(40, 80), np.arange(40)), (np.arange(40), np.arange(40, 80))]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recalibration, "repeated_splits", lambda *_, **__: folds)
        before = recalibrate(cases, single).cross_fitted["choice"]
        after = recalibrate(cases._replace(label=flipped), single).cross_fitted["choice"]
    np.testing.assert_array_equal(before[0, :40], after[0, :40])
    assert (before[0, 40:] != after[0, 40:]).all()


def test_chance_levels_over_many_small_cohorts_show_no_gain_where_there_is_nothing_to_gain():
    gains = []
    for seed in range(30):
        found = recalibrate(simulated(120, 0.0, 1.0, seed), SETTINGS)
        gains.append(found.log_loss["none"] - found.log_loss["choice"])
    error = np.std(gains) / np.sqrt(len(gains))
    assert np.mean(gains) < 3 * error


@pytest.mark.parametrize(("n", "malignant"), [(49, 20), (60, 9), (60, 51)])
def test_too_few_cases_are_refused(n, malignant):
    table = pd.DataFrame({"lesion_id": [f"L{i}" for i in range(n)], "model": "cdlr", "repeat": 0})
    table = table.assign(patient_id=table["lesion_id"], label=0, score=0.5)
    table.loc[: malignant - 1, "label"] = 1
    with pytest.raises(UnusableStudyError, match="at least 50 local cases"):
        local_cases(table, "cdlr")


def test_a_line_keeps_order_limits_and_the_bits_of_what_it_does_not_change():
    line = Sigmoid(-0.7, 0.6)
    scores = np.array([0.0, 1e-9, 0.2, 0.5, 1.0, np.nan, -np.inf, np.inf])
    changed = line(scores)
    assert (np.diff(changed[:5]) >= 0).all()
    np.testing.assert_array_equal(changed[5:], scores[5:])
    np.testing.assert_allclose(line.inverse(changed[2:4]), scores[2:4])
    np.testing.assert_array_equal(Sigmoid()(scores), scores)
    assert (
        fit_sigmoid(np.repeat([0, 1], 40), np.repeat([0.9, 0.1], 40), "intercept_and_slope") is None
    )


@pytest.fixture(scope="module")
def study():
    cohort, tables = make_inputs()
    table = assemble_study_table(cohort, tables | {"deep": tables["deep"]._replace(components=4)})
    fitted = run_protocol(table, quick_settings())
    fitted = fitted.knowing(
        thresholds=evaluation.operating_thresholds(fitted.predictions, EVALUATION)
    )
    packaged = pack_study(
        fitted, table, cohort, {"frozen": {"weight": torch.ones(1)}}, {},
        evaluation.performance(fitted.predictions, fitted.thresholds, EVALUATION), {},
        (COHORT, RadiomicsSettings(), DeepSettings(trained_blocks=0)), stated_coverage=0.9,
    )  # fmt: skip
    return replace(packaged, manifest={"study_id": "0123456789abcdef"}), table, cohort


@pytest.fixture(scope="module")
def local(study):
    """The study's lesions as local cases, with a shifted score that is known to be wrong."""
    packaged, table, cohort = study
    columns = table.features(["radiomics", "deep"], degenerate=True)
    features = ImageFeatures((table.X[columns],), pd.DataFrame())
    rows = cohort.assign(has_image=True)
    scores = score_cases(packaged, rows, features, packaged.variables)
    predictions = scores[["lesion_id", "model", "score"]].assign(
        protocol="leak_free", cohort="external", repeat=0, fold=-1,
        label=cohort["label"].loc[scores["lesion_id"]].to_numpy(),
        patient_id=cohort["patient_id"].loc[scores["lesion_id"]].to_numpy(),
    )  # fmt: skip
    predictions["score"] = Sigmoid(1.5, 1.0)(predictions["score"])
    return predictions, rows, features


def scored(study, local):
    _, rows, features = local
    return score_cases(study, rows, features, study.variables).set_index(["lesion_id", "model"])


def test_a_recalibrated_study_scores_by_the_line_and_decides_as_before(study, local, tmp_path):
    packaged, _, _ = study
    predictions = local[0]
    cases = {name: local_cases(predictions, name) for name in packaged.models}
    fixed = SETTINGS.model_copy(update={"method": "intercept_and_slope"})
    found = {name: recalibrate(own, fixed) for name, own in cases.items()}
    new = recalibrated_study(packaged, cases, found, keep_decisions=True, simulated=True)
    write_study(new, tmp_path / "new.spl")
    read = read_study(tmp_path / "new.spl")
    before, after = scored(packaged, local), scored(read, local)
    for name, own in found.items():
        raw = before.xs(name, level="model")["score"]
        np.testing.assert_array_equal(after.xs(name, level="model")["score"], own.sigmoid(raw))
    assert (before["score"] != after["score"]).mean() > 0.9
    for column in ("decision", "diagnoses"):
        pd.testing.assert_series_equal(before[column], after[column])
    assert read.study_id != packaged.study_id
    origin = read.manifest["origin"]
    assert origin["study_id"] == packaged.study_id
    assert origin["cases"] == len(cases["cdlr"].label)
    # Again, on what the recalibrated study says: the lines are joined.
    twice = recalibrated_study(read, cases, found, keep_decisions=True, simulated=True)
    first, second = read.sigmoid("cdlr"), found["cdlr"].sigmoid
    assert twice.sigmoid("cdlr").slope == pytest.approx(first.slope * second.slope)
    changed = recalibrated_study(packaged, cases, found, keep_decisions=False, simulated=True)
    names = ["model", "threshold"]
    pd.testing.assert_frame_equal(changed.thresholds[names], packaged.thresholds[names])
    # The zones are those of the same cases, as the conformal sets are.
    line = new.sigmoid("cdlr")
    assert (
        new.zone("cdlr") == changed.zone("cdlr") == tuple(map(float, line(packaged.zone("cdlr"))))
    )


def test_a_study_that_was_not_recalibrated_is_written_without_the_part(study, tmp_path):
    manifest = write_study(study[0], tmp_path / "study.spl")
    assert "tables/recalibration.parquet" not in manifest["parts"]
    assert read_study(tmp_path / "study.spl").sigmoid("cdlr") == Sigmoid()


def test_the_fusion_alone_is_fitted_anew_where_cases_suffice(study, local, tmp_path):
    packaged, _, _ = study
    predictions, rows, _ = local
    assert fusion_cases(packaged, "rad", predictions, rows) is None
    assert fusion_cases(packaged, "cdlr", predictions, rows.drop(columns="age")) is None
    few = fusion_cases(packaged, "cdlr", predictions, rows)
    own = predictions[predictions["model"] == "cdlr"]
    inputs = len(packaged.models["cdlr"].clinical_.selected_terms_) + 1
    rarer = min(own["label"].sum(), (1 - own["label"]).sum())
    assert (few is None) == (rarer < EVENTS_PER_WEIGHT * inputs)
    copies = -(-EVENTS_PER_WEIGHT * inputs // rarer)
    many = pd.concat(
        [predictions.assign(lesion_id=predictions["lesion_id"] + f"_{i}",
                            patient_id=predictions["patient_id"] + f"_{i}") for i in range(copies)]
    )  # fmt: skip
    cohort = pd.concat([rows.set_axis(rows.index + f"_{i}") for i in range(copies)])
    fusion = fusion_cases(packaged, "cdlr", many, cohort)
    assert fusion.inputs.shape == (len(own) * copies, inputs)
    cases = local_cases(many, "cdlr")
    quick = RecalibrationSettings(seed=1, n_repeats=1, n_splits=2, method="fusion")
    found = recalibrate(cases, quick, fusion)
    assert found.method == REFIT
    new = recalibrated_study(
        packaged, {"cdlr": cases}, {"cdlr": found}, keep_decisions=True, simulated=True
    )
    write_study(new, tmp_path / "new.spl")
    before, after = scored(packaged, local), scored(read_study(tmp_path / "new.spl"), local)
    changed = (before["score"] != after["score"]).groupby("model").mean()
    assert changed["cdlr"] > 0.9
    assert (changed.drop("cdlr") == 0).all()


def test_tables_and_figure_tell_before_and_after(study, local):
    packaged, _, _ = study
    predictions, rows, _ = local
    modeling = ModelingParameters.model_construct(evaluation=EVALUATION)
    parameters = RecalibrationParameters(seed=1, n_repeats=2, models=("clinical", "cdlr"))
    new, performance, lines, curves = recalibrate_node(
        packaged, predictions, rows, parameters, modeling
    )
    values = performance.set_index(["model", "method", "metric"])["value"]
    chosen = lines.set_index("model")["method"]
    for name in ("clinical", "cdlr"):
        assert values[name, chosen[name], "log_loss"] <= values[name, "none", "log_loss"]
        after, before = (
            abs(values[name, m, "calibration_intercept"]) for m in (chosen[name], "none")
        )
        assert after < before
    # The mean distance of a curve is larger in resamples than in what they are drawn from.
    others = performance[performance["metric"] != "ici"]
    assert (others["low"] <= others["value"]).all()
    assert set(curves["when"]) == {"before", "after"}
    svg = draw_recalibration(curves, lines, new).files(Rendering("r", dpi=50, vector=True)).svg
    assert "Simulated patients" in svg
    with pytest.raises(UnusableStudyError, match="the study has no model nonsense"):
        recalibrate_node(
            packaged, predictions, rows, RecalibrationParameters(seed=1, models=("nonsense",)),
            modeling,
        )  # fmt: skip


def test_intervals_of_the_line_hold_what_was_fitted():
    cases = {"cdlr": simulated(400, -1.0, 0.7, seed=4)}
    found = {"cdlr": recalibrate(cases["cdlr"], SETTINGS)}
    thresholds = pd.DataFrame({"model": ["cdlr"], "threshold": [0.4]})
    row = line_table(cases, found, thresholds, EVALUATION).iloc[0]
    assert row["intercept_low"] < row["intercept"] < row["intercept_high"]
    assert row["slope_low"] < row["slope"] < row["slope_high"]
    assert row["threshold_recalibrated"] == found["cdlr"].sigmoid(0.4)
    table = performance_table(cases, found, EVALUATION)
    assert set(table["method"]) == {*METHODS, "choice"}
    assert len(curve_table(cases, found, EVALUATION))
