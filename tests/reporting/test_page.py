"""The report as a document: complete, self-contained, honest about what is missing."""

import re
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from spl_kedro.reporting import (
    ReportSettings,
    StudyResults,
    build_report,
    model_card,
    report_sections,
)
from spl_kedro.reporting.parts import NOT_COMPUTED
from spl_kedro.sceptic.realism.statement import realism_statement

from .conftest import words_and_tables

VOID = {"meta", "link", "br", "img", "line", "use", "path", "rect", "image", "circle", "input"}


class Outline(HTMLParser):
    """Collects ids, links, headings and images, and checks that tags close."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.headings, self.images, self.open = [], [], [], [], []
        self.unbalanced = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture(scope="module")
def page(study, settings):
    return build_report(study, settings)


@pytest.fixture(scope="module")
def outline(page):
    parser = Outline()
    parser.feed(page)
    return parser


def test_the_report_stays_small(page):
    assert len(page.encode()) < 15e6


def test_every_tag_closes_and_no_id_occurs_twice(outline):
    assert outline.unbalanced == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))


def test_every_link_inside_the_report_leads_somewhere(outline):
    inside = {link[1:] for link in outline.links if link.startswith("#")}
    assert inside
    assert inside <= set(outline.ids)


def test_headings_never_skip_a_level_downwards(outline):
    assert outline.headings[0] == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)


def test_every_image_has_words_and_travels_inside_the_file(outline):
    assert outline.images
    assert all(image["alt"] and image["src"].startswith("data:") for image in outline.images)


def test_nothing_in_the_report_is_fetched(page):
    assert not re.search(r'(src|href)="(?!#|data:|https://pyradiomics)[^"]', page)
    assert "@import" not in page
    assert "url(http" not in page


def test_simulated_patients_are_announced_and_real_ones_are_not(page, real_study, settings):
    assert 'class="banner"' in page
    assert realism_statement() in unescape(page)
    # The mark in a wide drawing is out of sight on a small screen until one scrolls.
    wide = re.findall(r'<figure id="[^"]+" class="wide.*?</figure>', page, re.DOTALL)
    assert wide
    assert all("Simulated patients. " in part.partition("<figcaption>")[2] for part in wide)
    real = build_report(real_study, settings)
    assert 'class="banner"' not in real
    assert realism_statement() not in unescape(real)
    assert "Simulated patients" not in real


def test_text_from_the_hospital_cannot_become_markup(page):
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_title_from_the_settings_cannot_become_markup(study):
    page = build_report(StudyResults(study.cohort), ReportSettings(title="<b>bold</b>"))
    assert "<b>bold</b>" not in page


def test_a_run_with_nothing_but_a_cohort_says_what_was_not_computed(study, settings):
    bare = StudyResults(study.cohort)
    sections = report_sections(bare, settings)
    page = build_report(bare, settings, sections)
    missing = [part for section in sections for part in section.missing]
    assert len(missing) >= 20
    assert page.count(NOT_COMPUTED.lower()) == len(missing)


@pytest.mark.parametrize(
    "name",
    ["performance", "radiomics_schema", "stability", "findings", "quality", "leaks"],
)
def test_a_section_survives_the_absence_of_a_table_it_leans_on(study, settings, name):
    sections = report_sections(replace(study, **{name: None}), settings)
    assert {"models", "stability", "selection", "subgroups"} <= {s.key for s in sections}


def test_every_finding_stands_in_the_report_with_its_remedy(study, settings, page):
    start = page.index('id="table-findings_cases"')
    block = page[start : page.index("</table>", start)]
    told = study.findings.drop(columns=["stage", "action"]).to_numpy().ravel()
    for word in told:
        assert escape(word, quote=False).replace("'", "&#39;") in block
    quiet = words_and_tables(replace(study, findings=study.findings.iloc[:0]), settings)
    assert 'id="table-findings_cases"' not in quiet
    assert "No check of the table" in quiet


def test_what_gives_the_label_away_is_listed_and_told_in_the_model_card(study, settings):
    (section,) = (s for s in report_sections(study, settings) if s.key == "leaks")
    listed, checks = section.tables
    assert listed.frame["What"].tolist() == ["Stage"]
    assert checks.frame["Listed"].tolist() == ["flagged", "no"]
    assert checks.frame["Value (95% interval)"].tolist()[0] == "AUC 0.995 (0.980 to 0.999)"
    words = "1 of 2 checks for leaks list something: Stage."
    assert section.paragraphs[0] == words
    assert words in model_card(study, settings).markdown()
    calm = replace(study, leaks=study.leaks.assign(listed=False, action=""))
    assert "None of 2 checks for leaks lists anything." in model_card(calm, settings).markdown()


def test_findings_are_counted_by_action_and_rule_before_they_are_listed(study, settings):
    (section,) = (s for s in report_sections(study, settings) if s.key == "findings")
    counts, cases = section.tables
    rows = counts.frame.set_index(["Action", "Rule broken"])["Cases"]
    assert rows["Quarantined", "outline_empty"] == "2"
    assert rows["Flagged", "a predictor that is not the label"] == "all"
    assert list(cases.frame["Action"]) == ["quarantined"] * 3 + ["flagged"] * 2
    few = settings.model_copy(update={"max_findings": 2})
    (section,) = (s for s in report_sections(study, few) if s.key == "findings")
    assert len(section.tables[1].frame) == 2
    assert section.tables[1].note.startswith("3 further findings are in findings.csv")


def test_what_the_checks_of_image_quality_found_stands_in_the_report(study, settings, page):
    counts = page[page.index('id="table-image_quality"') :]
    counts = counts[: counts.index("</table>")]
    assert "Burned-in text" in counts
    assert "1 flagged" in counts
    found = study.quality["found"]
    calm = replace(study, quality=study.quality.assign(found=False, action=""))
    words = words_and_tables(calm, settings)
    assert found.any()
    assert f"No check found anything in any of {len(study.cohort)} images." in words


def test_a_cohort_without_its_columns_is_refused_by_name(study):
    with pytest.raises(ValueError, match="simulated"):
        StudyResults(study.cohort.drop(columns="simulated"))


def test_the_two_builds_of_one_study_are_the_same_text(study, settings, page):
    assert build_report(study, settings) == page


def test_a_stored_figure_is_shown_as_vectors_with_its_words(page):
    start = page.index('id="figure-shap_bar"')
    block = page[start : page.index("</figure>", start)]
    assert "<svg" in block
    assert "<img" not in block
    assert "Age" in block
    assert "xml version" not in block


def test_colours_that_are_values_do_not_follow_the_theme(study, settings):
    figures = {f.key: f for s in report_sections(study, settings) for f in s.figures}
    assert not figures["shap_beeswarm"].themed
    assert figures["shap_bar"].themed
