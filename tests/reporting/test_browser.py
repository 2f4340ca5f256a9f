"""The report in a real browser: whole, quiet, offline, usable by keyboard and on a phone."""

from pathlib import Path

import pytest
from tests.accessibility import grave
from tests.chromium import PATIENCE

from spl_kedro.reporting import build_report, report_sections

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
CONTRAST = (HERE / "contrast.js").read_text(encoding="utf-8")
UNREACHABLE = (HERE / "unreachable.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(study, settings):
    return report_sections(study, settings)


@pytest.fixture(scope="module")
def report(study, settings, sections, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "study_report.html"
    path.write_text(build_report(study, settings, sections), encoding="utf-8")
    return path.as_uri()


VIEWS = [(390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")]
#: The colours change no place and no key.
in_both_widths = pytest.mark.parametrize("page", [(390, "dark"), (1440, "light")], indirect=True)
#: What a check finds, planted.
in_one_view = pytest.mark.parametrize("page", [(1440, "dark")], indirect=True)


@pytest.fixture(params=VIEWS)
def page(request, browser, report):
    width, scheme = request.param
    opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened.set_default_timeout(PATIENCE)
    opened.troubles, opened.requests = [], []
    opened.on("console", lambda message: opened.troubles.append(message.text))
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.on("request", lambda wanted: opened.requests.append(wanted.url))
    opened.goto(report)
    yield opened
    opened.close()


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")


def test_the_whole_report_shows_without_complaint_and_asks_for_nothing(page, report, sections):
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith("data:")] == [report]
    for section in sections:
        heading = page.locator(f"section#{section.key} > h{section.level}#h-{section.key}")
        assert heading.inner_text() == section.title
    drawn = {figure.key for section in sections for figure in section.figures}
    assert page.locator("figure").count() == len(drawn)
    for key in drawn:
        assert page.locator(f"#figure-{key}").bounding_box()["height"] > 40
    widths = "[...document.querySelectorAll('.chart svg')].map((svg) => svg.getBBox().width)"
    boxes = page.evaluate(widths)
    assert boxes
    assert min(boxes) > 50
    whole = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    assert page.evaluate(whole)


@in_both_widths
def test_the_page_itself_never_scrolls_sideways(page):
    unfold(page)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


def test_all_text_has_enough_contrast_in_both_themes(page):
    unfold(page)
    assert page.evaluate(CONTRAST) == []


@in_one_view
def test_the_check_of_contrast_finds_pale_text(page):
    page.evaluate("document.querySelector('h1').style.color = 'grey'")
    page.evaluate("document.querySelector('h1').style.background = 'darkgrey'")
    assert [found[:2] for found in page.evaluate(CONTRAST)] == ["H1"]


@in_both_widths
def test_what_scrolls_is_reachable_and_what_has_a_role_has_a_name(page):
    unfold(page)
    assert page.evaluate(UNREACHABLE) == []


def test_axe_finds_nothing_serious(page):
    unfold(page)
    assert grave(page) == []


@in_one_view
def test_the_check_with_axe_finds_a_button_without_a_name(page):
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [found.partition(":")[0] for found in grave(page)] == ["button-name"]


@in_both_widths
def test_the_first_tab_offers_to_skip_to_the_results(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")


@in_both_widths
def test_arrow_keys_read_values_off_the_curves(page):
    chart = page.locator("#figure-roc .chart").first
    chart.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    words = page.locator("#figure-roc .readout").first.inner_text()
    assert words.startswith("1 − specificity 0.1")
    assert "CDLR 0.9" in words
    assert chart.get_attribute("aria-valuetext") == words


@in_both_widths
def test_a_link_into_a_folded_part_unfolds_it(page):
    page.evaluate("location.hash = '#table-performance_more'")
    page.wait_for_function(
        "document.getElementById('table-performance_more').closest('details').open"
    )


def test_printing_shows_every_folded_part_on_a4(browser, report):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(report)
    folded = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(folded)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert before > 5
    assert page.evaluate(folded) == 0
    pdf = page.pdf(prefer_css_page_size=True)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folded) == before
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595" in pdf
    page.close()
