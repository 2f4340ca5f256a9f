"""The page of the check: what it counts, what it says to add, what it shows."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.cohort.test_cohort import settings, table

from spl_kedro.cohort.columns import column_audit
from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.table import tidy_table
from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging import Lesion, UnusableLesionError
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.reporting.check.cost import MEGAPIXELS, expected_cost
from spl_kedro.reporting.check.page import check_page
from spl_kedro.reporting.check.sheet import PER_SHEET, WIDTH, contact_sheets, outlined
from spl_kedro.reporting.check.tables import division_table, number_table, unmapped_words
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.rules import Rule


def lesion(name="c00", shape=(90, 120)):
    mask = np.zeros(shape, dtype=bool)
    mask[20:50, 30:70] = True
    return Lesion(name, np.full(shape, 100.0), mask)


def test_an_unknown_word_is_counted_and_the_line_to_add_is_given():
    sexes = ["F"] * 30 + ["w"] * 7 + ["?"] * 2 + ["unknown"]
    found = unmapped_words(table(Sex=sexes), settings(), sealed=False).frame
    rows = found.set_index("Word")
    assert list(rows.index) == ["w", "?"]
    assert rows.loc["w", "Rows"] == "7"
    assert rows.loc["w", "Add to the parameters"].startswith('mapping of sex: {"w": ...}')
    assert unmapped_words(table(), settings(), sealed=False) is None


def test_free_text_is_not_shown_but_counted():
    # Fault: a column of remarks mapped by mistake, with names in it, printed word for word.
    remarks = ["seen by " + "x" * 40 + str(i) for i in range(40)]
    found = unmapped_words(table(Sex=remarks), settings(), sealed=False).frame
    assert list(found["Word"]) == ["40 other or longer words"]


@pytest.mark.parametrize("sealed", [True, False])
def test_words_of_the_diagnosis_are_shown_where_they_may_be_read(sealed):
    results = ["benign"] * 20 + ["malignant"] * 19 + ["suspicious"]
    found = unmapped_words(table(result=results), settings(), sealed=sealed)
    assert (found is None) == sealed
    if not sealed:
        assert list(found.frame["Word"]) == ["suspicious"]
        assert "labels" in found.frame["Add to the parameters"][0]


def test_numbers_in_another_unit_meet_the_eye():
    ages = [str(12 * (30 + i)) for i in range(38)] + ["old", "unknown"]
    (row,) = number_table(table(Age=ages), settings()).frame.to_dict("records")
    assert row["Outside it"] == "38; another unit?"
    assert (row["No number"], row["Empty"], row["Minimum"]) == ("1", "1", "360")


def test_the_split_is_the_one_that_the_study_would_make():
    from spl_kedro.cohort.split import assign_cohorts

    rows = tidy_table(table(), settings())[0]
    found = division_table(rows, settings()).frame.set_index("Cohort")
    counts = assign_cohorts(rows, settings()).value_counts()
    assert {name.lower(): int(found.loc[name, "Lesions"]) for name in found.index} == dict(counts)
    hidden = rows.assign(
        cohort=assign_cohorts(rows, settings()),
        label=rows["label"].astype("Int64").where(assign_cohorts(rows, settings()) == "training"),
    )
    sealed = division_table(hidden, settings()).frame.set_index("Cohort")
    assert sealed.loc["Validation", "Malignant"] == "sealed"
    assert sealed.loc["Training", "Malignant"] == found.loc["Training", "Malignant"]


def test_a_picture_is_the_whole_image_with_the_edge_of_its_outline():
    pixels = np.asarray(outlined(lesion(), 120, 90)).astype(int)
    assert pixels.shape == (90, 120, 3)
    coloured = np.ptp(pixels, axis=2) > 0
    rows, columns = np.nonzero(coloured)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 49, 30, 69)
    assert coloured.sum() == 2 * 40 + 2 * 28  # an edge one pixel wide, none inside
    tiny = np.zeros((900, 1200), dtype=bool)
    tiny[450:453, 600:603] = True
    shown = np.asarray(outlined(Lesion("t", np.zeros((900, 1200)), tiny))).astype(int)
    assert (np.ptp(shown, axis=2) > 0).any()


def test_every_lesion_stands_in_a_sheet_and_a_lost_file_loses_its_picture_alone():
    def lost():
        raise OSError("gone")

    lesions = {f"c{i}": partial(lesion, f"c{i}") for i in range(PER_SHEET + 3)} | {"c1": lost}
    sheets = list(contact_sheets(lesions, {name: name for name in lesions}))
    assert len(sheets) == 2
    assert all(isinstance(sheet, Image.Image) for sheet in sheets)
    first = np.asarray(sheets[0].convert("RGB")).astype(int)
    cells = [first[3:120, i * (WIDTH + 6) : (i + 1) * (WIDTH + 6)] for i in range(3)]
    assert [bool((np.ptp(cell, axis=2) > 0).any()) for cell in cells] == [True, False, True]


FROZEN = DeepSettings(trained_blocks=0)


def cost(lesions=2000, megapixels=MEGAPIXELS, *, deep=FROZEN, cores=2, n_jobs=2, **protocol):
    modeling = SignatureSettings(protocol=protocol, n_jobs=n_jobs)
    return expected_cost(lesions, megapixels, modeling, deep, cores)


def test_a_cohort_grows_and_so_do_minutes_and_memory():
    costs = [cost(n) for n in (100, 500, 2000, 8000, 16000)]
    assert [c.minutes for c in costs] == sorted(c.minutes for c in costs)
    assert [c.memory_gb for c in costs] == sorted(c.memory_gb for c in costs)
    assert costs[-1].minutes > 1.5 * costs[-2].minutes


def test_minutes_follow_what_the_study_asks_for():
    # Fault: the ten repeats of a real cohort were told the minutes of three.
    usual = cost().minutes
    assert cost(n_repeats=10).minutes > 1.7 * usual
    assert cost(n_repeats=1).minutes < usual
    assert cost(n_splits=10).minutes > usual
    assert cost(nested_cohorts=("training", "validation")).minutes > usual
    assert cost(megapixels=0.5).minutes > usual


def test_more_processes_help_where_the_study_starts_them():
    assert cost(cores=8, n_jobs=8).minutes < cost().minutes == cost(cores=8).minutes
    assert cost(cores=8, n_jobs=-1) == cost(cores=8, n_jobs=8)
    assert cost(cores=1).minutes > cost().minutes


def test_networks_that_are_trained_are_counted_and_named_as_not_in_the_minutes():
    trained = DeepSettings(trained_blocks="all", pooling="last", folds=5)
    found = cost(deep=trained, n_repeats=10)
    assert found.networks == 5 + 1 + 10 * 5 * 5
    assert found.minutes == cost(n_repeats=10).minutes
    assert "256 networks" in found.assumes[-1]
    assert "not in the minutes" in found.assumes[-1]
    once = trained.model_copy(update={"nested": False})
    assert cost(deep=once, n_repeats=10).networks == 6
    assert "none is trained" in cost().assumes[-1]


@pytest.mark.parametrize("simulated", [True, False])
def test_the_page_counts_rows_and_says_whose_images_it_holds(simulated):
    own = settings(simulated=simulated)
    given = table(Sex=["F"] * 38 + ["<script>"] * 2)
    rows, found = tidy_table(given, own)
    page = check_page(
        given, rows, {name: partial(lesion, name) for name in rows.index}, found.table(),
        column_audit(given, own), own, ReportSettings(), cost(40, n_repeats=10), sealed=False,
    )  # fmt: skip
    assert "5 folds, 10 times anew, so 51 fits" in page
    assert page.count("data:image/") == 1
    assert ("Simulated patients" in page) == simulated
    assert ("Holds patients" in page) != simulated
    assert "<script>&#34;" not in page
    assert "&lt;script&gt;" in page
    assert "<dd>40</dd>" in page


def test_outlines_and_findings_stand_in_the_order_of_their_numbers(monkeypatch):
    # Fault: 1, 10, 100, 2 on the page that a person goes through case by case.
    shown = []
    monkeypatch.setattr(
        "spl_kedro.reporting.check.page.contact_sheets",
        lambda lesions, words: shown.extend(lesions) or [],
    )
    own = settings()
    names = ["case100", "case10", "case2", "case1"]
    rows, _ = tidy_table(table(), own)
    rows = rows.iloc[:4].set_axis(pd.Index(names, name="lesion_id"))
    findings = Findings("data_processing")
    for name in names:
        findings.case(name, UnusableLesionError(Rule.NOT_EMPTY, "no pixel is inside."))
    page = check_page(
        table(), rows, {name: partial(lesion, name) for name in names}, findings.table(),
        column_audit(table(), own), own, ReportSettings(), cost(4), sealed=False,
    )  # fmt: skip
    assert shown == ["case1", "case2", "case10", "case100"]
    places = [page.index(f">{name}<") for name in shown]
    assert places == sorted(places)
