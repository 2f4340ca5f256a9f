"""The models that add up: their terms, the nomogram's points, and the figure drawn from them."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit, logit
from tests.fitted import CLINICAL, answered, fitted_study, strangers

from spl_kedro.explainability.additive import additive_models, additive_terms
from spl_kedro.explainability.figures_nomogram import no_nomogram_figure, nomogram_figure
from spl_kedro.explainability.nomogram import NOT_KNOWN, nomogram, probability_at

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


@pytest.fixture(scope="module")
def study():
    return fitted_study()


@pytest.fixture(scope="module")
def tables(study):
    models, terms = additive_models(study), additive_terms(study)
    return models, terms, *nomogram(models, terms)


def summed(terms, model, answers, score):
    """Return a probability from the table of terms, the way a reader would."""
    rows = terms[terms["model"] == model]
    total = rows.loc[rows["kind"] == "intercept", "log_odds"].iloc[0]
    total += (rows.loc[rows["kind"] == "score", "log_odds"] * logit(score)).sum()
    for name, answer in answers.items():
        own = rows[rows["variable"] == name].set_index("kind")["log_odds"]
        if answer is None:
            total += own["missing"]
        elif "number" in own:
            total += own["number"] * answer
        else:
            words = rows[(rows["variable"] == name) & (rows["kind"] == "category")]
            total += words.set_index("category")["log_odds"].loc[answer]
    return expit(total)


@pytest.mark.parametrize("kind", ["linear_svm", "logistic"])
def test_the_terms_add_up_to_the_models_probability(kind):
    fitted = fitted_study(kind)
    terms, lesions = additive_terms(fitted), strangers(100)
    scores = fitted.models["dlr"].predict_proba(lesions)[:, 1]
    assert lesions[CLINICAL].isna().any().all()
    for model in ("clinical", "cdlr"):
        known = fitted.models[model].predict_proba(lesions)[:, 1]
        ours = [summed(terms, model, *pair) for pair in zip(answered(lesions), scores, strict=True)]
        np.testing.assert_allclose(ours, known, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("digits", "tolerance"), [(12, 1e-9), (2, 1e-3)])
def test_points_read_off_the_table_give_the_models_probability(study, tables, digits, tolerance):
    # Two digits are those of the report's table.
    _, _, points, scale = tables
    random = np.random.default_rng(3)
    lesions = strangers(200).reset_index(drop=True)
    total, inputs = np.zeros(len(lesions)), {}
    for name, axis in points.groupby("variable", sort=False):
        rows = axis.iloc[random.integers(0, len(axis), len(lesions))]
        total += rows["points"].round(digits).to_numpy()
        inputs[name] = rows
    for name in CLINICAL:
        chosen = inputs[name]
        values = chosen["value"].where(chosen["kind"] == "number", chosen["tick"]).astype(object)
        values = values.where(chosen["kind"] != "missing", np.nan).to_numpy()
        if name == "smoker":
            values = [w if w != w else w == "True" for w in values]
            lesions[name] = np.array([np.nan if w != w else float(w) for w in values])
        else:
            lesions[name] = values if name in ("margin", "echo") else values.astype(float)
    fusion = study.models["cdlr"]
    clinical = fusion.clinical_.clinical_features(lesions)
    known = fusion.probability_of(np.column_stack([inputs["dlr_score"]["value"], clinical]))
    np.testing.assert_allclose(probability_at(scale, total), known, rtol=0, atol=tolerance)


def test_the_widest_axis_has_a_hundred_points_and_no_value_less_than_none(tables):
    _, _, points, scale = tables
    assert points["points"].min() == 0
    assert points["points"].max() == pytest.approx(100)
    assert (points.groupby("variable")["points"].min() == 0).all()
    np.testing.assert_allclose(scale["probability"], probability_at(scale, scale["total_points"]))
    most = points.groupby("variable")["points"].max().sum()
    assert scale["total_points"].max() == pytest.approx(most)


def test_axes_run_over_the_training_range_and_every_variable_may_be_unknown(study, tables):
    _, _, points, _ = tables
    ages = points[(points["variable"] == "age") & (points["kind"] == "number")]["value"]
    seen = study.ranges.loc["age"]
    assert [ages.min(), ages.max()] == pytest.approx([seen["p01"], seen["p99"]], abs=1)
    unknown = points[points["tick"] == NOT_KNOWN]
    assert sorted(unknown["variable"]) == sorted(CLINICAL)


def test_the_threshold_of_the_study_is_a_mark_on_the_scale(tables):
    scale = tables[3]
    assert scale.loc[scale["kind"] == "threshold", "probability"].to_list() == pytest.approx([0.55])


@pytest.mark.parametrize(
    ("settings", "says", "variables"),
    [
        ({"kind": "radial_svm"}, "weighs them together", 0),
        ({"image": 0.0}, "earned no weight", 5),
        ({"univariate_p": 1e-30}, "is the DLR score unchanged", 0),
        ({"image": 0.0, "univariate_p": 1e-30}, "training prevalence for everybody", 0),
    ],
)
def test_what_cannot_be_drawn_is_said_in_words(settings, says, variables):
    fitted = fitted_study(**settings)
    models, terms = additive_models(fitted), additive_terms(fitted)
    row = models.set_index("model").loc["cdlr"]
    assert says in row["statement"]
    assert row["variables"] == variables
    points, scale = nomogram(models, terms)
    assert points.empty == scale.empty == (variables == 0)
    lesions = strangers(50)
    if row["additive"]:
        scores = fitted.models["dlr"].predict_proba(lesions)[:, 1]
        asked = [
            {name: x for name, x in answers.items() if name in set(terms["variable"])}
            for answers in answered(lesions)
        ]
        ours = [summed(terms, "cdlr", *pair) for pair in zip(asked, scores, strict=True)]
        known = fitted.models["cdlr"].predict_proba(lesions)[:, 1]
        np.testing.assert_allclose(ours, known, rtol=0, atol=1e-12)


def test_a_study_without_clinical_variables_says_so():
    fitted = fitted_study(univariate_p=1e-30)
    del fitted.models["clinical"]
    models = additive_models(fitted)
    assert models.loc[0, "statement"].startswith("Clinical: not available")
    assert not models.loc[0, "additive"]


def test_a_number_that_is_the_same_wherever_it_is_known_has_one_tick(tables):
    models, terms, *_ = tables
    age = (terms["variable"] == "age") & (terms["kind"] == "number")
    flat = terms.assign(low=terms["low"].mask(age, 61.0), high=terms["high"].mask(age, 61.0))
    points, _ = nomogram(models, flat)
    assert points.loc[points["variable"] == "age", "tick"].to_list() == ["61", NOT_KNOWN]


@pytest.fixture(scope="module")
def figure(tables):
    _, _, points, scale = tables
    return nomogram_figure(points, scale, title="Nomogram", subtitle="training", simulated=True)


def words_of(figure):
    figure.canvas.draw()
    drawn = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [(text, text.get_window_extent()) for text in drawn]


def test_every_tick_of_the_table_stands_where_its_points_say(figure, tables):
    points, scale = tables[2:]
    (axes,) = figure.axes
    places = [(t.get_text(), t.get_position()[0]) for t in axes.texts]
    for row in points[points["kind"] != "missing"].itertuples():
        assert (row.tick, pytest.approx(row.points / 100)) in places
    for row in scale[scale["kind"] == "tick"].itertuples():
        place = row.total_points / scale["total_points"].max()
        assert (f"{row.probability:g}", pytest.approx(place)) in places


def test_no_words_of_the_figure_meet_or_leave_it(figure):
    boxes = words_of(figure)
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
    for (text, box), (other, there) in combinations(boxes, 2):
        assert not box.overlaps(there), (text, other)


def test_the_figure_says_that_patients_are_simulated(figure):
    assert "Simulated patients" in [text.get_text() for text, _ in words_of(figure)]
    said = no_nomogram_figure("It does not add up.", title="Nomogram of CDLR", simulated=True)
    assert {"Simulated patients", "It does not add up."} <= {t.get_text() for t in said.texts}
