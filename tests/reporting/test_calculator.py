"""The calculator: what it embeds, and what its script computes in a real browser."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit
from tests.chromium import PATIENCE
from tests.fitted import answered, fitted_study, strangers

from spl_kedro.drawing import Drawing
from spl_kedro.explainability.additive import additive_models, additive_terms
from spl_kedro.explainability.figures_nomogram import nomogram_figure
from spl_kedro.explainability.nomogram import nomogram
from spl_kedro.reporting import StudyResults, build_calculator, build_report
from spl_kedro.reporting.sections.nomogram import CALCULATOR_FILE, nomogram_sections

HERE = Path(__file__).parent
CONTRAST = (HERE / "contrast.js").read_text(encoding="utf-8")
UNREACHABLE = (HERE / "unreachable.js").read_text(encoding="utf-8")
pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


@pytest.fixture(scope="module")
def fitted():
    return fitted_study()


def results_of(fitted, study):
    """Return a study's results with what is read off a fit."""
    models, terms = additive_models(fitted), additive_terms(fitted)
    points, scale = nomogram(models, terms)
    figures = {}
    if len(points):
        words = {"title": "Nomogram", "subtitle": "training", "simulated": study.simulated}
        figures = {"nomogram": Drawing(nomogram_figure, points, scale, **words)}
    tables = {"additive_models": models, "additive_terms": terms, "nomogram_scale": scale}
    return replace(study, nomogram=points, figures=figures, **tables)


@pytest.fixture(scope="module")
def results(fitted, study):
    return results_of(fitted, study)


@pytest.fixture(scope="module")
def page(results, settings):
    return build_calculator(results, settings)


def embedded(page):
    text = re.search(r'<script type="application/json" id="study">(.*?)</script>', page, re.DOTALL)
    return json.loads(text.group(1))


def by_embedded(model, answers, score):
    total = model["intercept"] + (model["score"] * logit(score) if model["score"] else 0)
    for name, effect in model["effects"].items():
        answer = answers[name]
        if answer is None:
            total += effect["missing"]
        elif effect["number"] is None:
            total += dict(effect["categories"])[answer]
        else:
            total += effect["number"] * answer
    return expit(total)


@pytest.fixture(scope="module")
def lesions(fitted):
    """Strangers, and every number at the ends of its range with every answer of the others."""
    table = strangers()
    for name in ("age", "crp_mg_l"):
        table.loc[table.index[:3], name] = fitted.ranges.loc[name, ["p01", "median", "p99"]].array
    return table


@pytest.fixture(scope="module")
def known(fitted, lesions):
    names = ("clinical", "dlr", "cdlr")
    return {name: fitted.models[name].predict_proba(lesions)[:, 1] for name in names}


def test_the_embedded_numbers_give_the_models_probability(page, lesions, known):
    for model in embedded(page)["models"]:
        pairs = zip(answered(lesions), known["dlr"], strict=True)
        ours = [by_embedded(model, *pair) for pair in pairs]
        np.testing.assert_allclose(ours, known[model["key"]], rtol=0, atol=1e-12)


def test_the_policy_lets_its_own_script_and_style_run_and_nothing_be_asked_for(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL).group(1)
        checksum = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{checksum}'" in policy
    assert not re.search(
        r"https?://|<link(?! rel=\"icon\" href=\"data:,\")|\bstyle=|\bon\w+=", page
    )


def test_the_page_holds_aggregates_and_escapes_words_of_the_table(page, results):
    assert "<b>spiculated" not in page
    assert "&lt;b&gt;spiculated&lt;/b&gt;" in page
    cohort = results.cohort
    assert not any(name in page for name in [*cohort.index, *cohort["patient_id"]])


def test_the_page_says_what_it_is_of(page, fitted, real_study, results, settings):
    assert "<strong>Simulated patients.</strong>" in page
    assert settings.intended_use in page
    assert "<strong>Not for clinical use.</strong>" in page
    assert results.versions["git_commit"] in page
    assert "Simulated patients" not in build_calculator(results_of(fitted, real_study), settings)


@pytest.mark.parametrize(
    ("options", "says", "computes"),
    [
        ({"kind": "radial_svm"}, "does not add up its inputs", ["clinical"]),
        ({"image": 0.0}, "earned no weight", ["clinical", "cdlr"]),
        ({"univariate_p": 1e-30}, "is the DLR score unchanged", []),
    ],
)
def test_what_a_page_cannot_compute_it_says(study, settings, options, says, computes):
    found = results_of(fitted_study(**options), study)
    page = build_calculator(found, settings)
    assert says in page
    assert [model["key"] for model in embedded(page)["models"]] == computes
    assert ("<form" in page) == bool(computes)
    (section,) = nomogram_sections(found, settings)
    assert says in " ".join(section.paragraphs)
    assert [address for address, _ in section.links] == [CALCULATOR_FILE] * bool(computes)


def test_a_run_without_the_tables_says_that_nothing_was_computed(study, settings):
    bare = StudyResults(study.cohort)
    assert "Not computed in this run." in build_calculator(bare, settings)
    assert nomogram_sections(bare, settings)[0].missing


def test_the_report_shows_the_nomogram_and_leads_to_the_calculator(results, settings):
    sections = nomogram_sections(results, settings)
    page = build_report(results, settings, sections)
    assert f'<a href="{CALCULATOR_FILE}">' in page
    assert 'id="figure-nomogram"' in page
    points = sections[0].tables[0].frame
    assert len(points) == len(results.nomogram)
    np.testing.assert_allclose(
        points["Points"].astype(float), results.nomogram["points"], atol=5e-3
    )


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("calculator") / CALCULATOR_FILE
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(params=[(390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")])
def opened(request, browser, address):
    width, scheme = request.param
    opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened.set_default_timeout(PATIENCE)
    opened.troubles, opened.requests = [], []
    opened.on("console", lambda message: opened.troubles.append(message.text))
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.on("request", lambda wanted: opened.requests.append(wanted.url))
    opened.goto(address)
    yield opened
    assert opened.troubles == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [address]
    opened.close()


@pytest.fixture
def wide(browser, address):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    yield page
    page.close()


COMPUTE = """(asked) => asked.map(([answers, score]) =>
  study.models.map((model) => probabilityOf(model, answers, score)))"""


@pytest.mark.browser
def test_the_script_gives_the_models_probability(wide, lesions, known):
    asked = [[a, float(s)] for a, s in zip(answered(lesions), known["dlr"], strict=True)]
    found = np.array(wide.evaluate(COMPUTE, asked))
    np.testing.assert_allclose(found[:, 0], known["clinical"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[:, 1], known["cdlr"], rtol=0, atol=1e-9)


@pytest.mark.browser
def test_the_script_gives_the_models_probability_on_a_grid_of_scores(wide, fitted, lesions):
    scores = [0.0, 1e-9, *np.linspace(0.01, 0.99, 25), 1.0]
    few = lesions.iloc[:12]
    fusion = fitted.models["cdlr"]
    clinical = fusion.clinical_.clinical_features(few)
    for score in scores:
        inputs = np.column_stack([np.full(len(few), score), clinical])
        found = np.array(wide.evaluate(COMPUTE, [[a, float(score)] for a in answered(few)]))
        np.testing.assert_allclose(found[:, 1], fusion.probability_of(inputs), rtol=0, atol=1e-9)


def fill(page, answers, score):
    for i, variable in enumerate(page.evaluate("study.variables")):
        answer = answers[variable["name"]]
        if variable["options"]:
            words = "unknown" if answer is None else str(variable["options"].index(answer))
            page.select_option(f"#v{i}", words)
        elif answer is None:
            page.check(f"#u{i}")
        else:
            page.uncheck(f"#u{i}")
            page.fill(f"#v{i}", repr(answer))
    page.fill("#score", repr(float(score)))


@pytest.mark.browser
def test_answers_typed_in_give_the_models_probability(wide, lesions, known):
    for position in range(6):
        fill(wide, answered(lesions)[position], known["dlr"][position])
        for model in ("clinical", "cdlr"):
            shown = wide.get_attribute(f"#p-{model}", "data-value")
            assert float(shown) == pytest.approx(known[model][position], abs=1e-9)
            threshold = {"clinical": 0.45, "cdlr": 0.55}[model]
            called = "malignant" if known[model][position] >= threshold else "benign"
            assert wide.locator(f"#d-{model}").inner_text().endswith(f"called {called}.")


@pytest.mark.browser
def test_nothing_is_computed_before_every_answer_is_given(wide, lesions, known):
    assert wide.locator("#lacking").inner_text().startswith("Still to be answered: Age")
    assert wide.locator("#p-clinical").inner_text() == "–"
    fill(wide, answered(lesions)[1], known["dlr"][1])
    wide.fill("#score", "")
    assert wide.locator("#p-clinical").inner_text().endswith("%")
    assert wide.locator("#p-cdlr").inner_text() == "–"
    assert wide.locator("#d-cdlr").inner_text() == "Needs the DLR score."
    wide.click("button[type=reset]")
    wide.wait_for_function("document.getElementById('lacking').textContent !== ''")
    assert wide.locator("#p-clinical").inner_text() == "–"


@pytest.mark.browser
def test_values_unlike_the_training_lesions_are_warned_of_and_wrong_ones_refused(wide, lesions):
    fill(wide, answered(lesions)[1] | {"age": 12.0}, 0.5)
    assert "Age 12 lies outside" in wide.locator("#warnings").inner_text()
    wide.fill("#score", "1.2")
    assert wide.locator("#w-score").inner_text() == "The score is a number from 0 to 1."
    assert wide.get_attribute("#score", "aria-invalid") == "true"
    assert wide.locator("#p-cdlr").inner_text() == "–"


@pytest.mark.browser
def test_the_page_is_quiet_fits_the_screen_and_can_be_read_by_everyone(opened, lesions, known):
    fill(opened, answered(lesions)[1] | {"age": 12.0}, known["dlr"][1])
    opened.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    widths = opened.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    assert opened.evaluate(CONTRAST) == []
    assert opened.evaluate(UNREACHABLE) == []
    named = "[...document.querySelectorAll('input, select')].every((field) => field.labels.length)"
    assert opened.evaluate(named)


@pytest.mark.browser
def test_the_keyboard_alone_answers_the_first_question(wide):
    for key in ("Tab", "Tab"):
        wide.keyboard.press(key)
    assert wide.evaluate("document.activeElement.id") == "v0"
    wide.keyboard.type("61")
    wide.keyboard.press("Enter")
    assert not wide.locator("#lacking").inner_text().startswith("Still to be answered: Age")
    assert wide.locator("#v0").input_value() == "61"
