"""What the report says of images that are copies of each other."""

from dataclasses import replace

import pandas as pd
import pytest
from tests.reporting.conftest import stored_figure

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging.duplicates import DuplicateSettings
from spl_kedro.pipelines.reporting.nodes import study_parameters
from spl_kedro.reporting.sections.duplicates import duplicates_section

PAIR = {
    "lesion_id": "L1",
    "other_lesion_id": "L2",
    "kind": "near",
    "crop_similarity": 0.97,
    "frame_similarity": 0.93,
    "across_patients": True,
    "across_split": False,
    "across_hospitals": False,
    "labels_contradict": False,
    "action": "grouped",
}


def with_a_pair(study, pictures):
    """Return the study with one pair, and the settings as Kedro has validated them."""
    told = CohortSettings.model_construct(duplicates=DuplicateSettings(pictures=pictures))
    return replace(
        study,
        duplicates=pd.DataFrame([PAIR]),
        figures=dict(study.figures) | {"duplicates": stored_figure()},
        parameters=study_parameters({"data_processing": told}, simulated=study.simulated),
    )


@pytest.mark.parametrize(
    ("pictures", "simulated", "shown"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_pairs_are_pictured_where_the_study_wants_it(
    study, real_study, settings, pictures, simulated, shown
):
    of = with_a_pair(study if simulated else real_study, pictures)
    section = duplicates_section(of, settings)
    assert len(section.figures) == shown
    assert "1 pair of images, of 2 lesions, are taken for copies" in section.paragraphs[0]
    assert section.paragraphs[0].endswith("two lesions that look alike.")
    assert [table.key for table in section.tables] == ["duplicates", "duplicate_pairs"]
