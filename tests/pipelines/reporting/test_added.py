"""What the report takes of additions, and what it says of those that know too little."""

import logging

import pandas as pd
import pytest

from spl_kedro.pipelines.reporting.added import TOLD_WHILE_SEALED, sections_told
from spl_kedro.provenance import cohort_checksum
from spl_kedro.reporting.parts import AddedSections, Section

KEY = "0123456789abcdef"
SECTION = Section("learners", "Learners", ("What was found.",))


@pytest.fixture
def cohort():
    rows = {
        "image_sha256": list("abcd"),
        "label": [0, 1, 0, 1],
        "cohort": ["training", "training", "validation", "external"],
    }
    return pd.DataFrame(rows, index=pd.Index(["L1", "L2", "L3", "L4"], name="lesion_id"))


def sealed(cohort):
    return cohort[cohort["cohort"] == "training"]


def told(cohort, *added):
    named = {f"one_{k}": one for k, one in enumerate(added)}
    return [section.paragraphs for section in sections_told(named, cohort, KEY)]


def test_a_section_written_while_sealed_says_so_once_lesions_are_opened(cohort, caplog):
    # Fault: after unseal the report went on telling of training alone, and did not say so.
    training = cohort_checksum(sealed(cohort))
    of_models = AddedSections(KEY, (SECTION,), training)
    of_cohort = AddedSections(training, (SECTION,))
    assert told(sealed(cohort), of_models, of_cohort) == [SECTION.paragraphs] * 2
    with caplog.at_level(logging.WARNING):
        opened = told(cohort, of_models, of_cohort)
    assert opened == [
        (TOLD_WHILE_SEALED.format(name=name), *SECTION.paragraphs) for name in ("one_0", "one_1")
    ]
    assert caplog.text.count("knows nothing of those opened since") == 2


def test_a_section_written_anew_after_unsealing_says_nothing_of_it(cohort):
    whole = cohort_checksum(cohort)
    own = AddedSections(KEY, (SECTION,), whole), AddedSections(whole, (SECTION,))
    assert told(cohort, *own) == [SECTION.paragraphs] * 2


def test_a_section_of_opened_lesions_stays_out_of_a_study_that_is_sealed_again(cohort, caplog):
    whole = cohort_checksum(cohort)
    own = AddedSections(KEY, (SECTION,), whole), AddedSections(whole, (SECTION,))
    with caplog.at_level(logging.WARNING):
        assert told(sealed(cohort), *own) == []
    assert caplog.text.count("is left out of the report") == 2
