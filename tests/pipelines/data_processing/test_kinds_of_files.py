"""One cohort of every kind of image and outline, through `kedro run` on conf/study."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from tests.pipelines.data_processing.kinds import (  # noqa: F401 - each registers its kinds
    drawn_on,
    faults,
    grey_values,
    places,
    wrong_outlines,
)
from tests.pipelines.data_processing.kinds.hospital import KINDS, Case, Kind, write_hospital
from tests.projects import kedro, make_project

from spl_kedro.imaging.quality import CHECKS

OF_QUALITY = {str(check.rule) for check in CHECKS}


class Processed(NamedTuple):
    cases: dict[str, Case]
    lesions: dict[str, dict[str, np.ndarray]]
    reader2: set[str]
    quarantine: pd.DataFrame
    warnings: pd.DataFrame


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    cases = write_hospital(folder / "hospital")
    project = make_project(folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder / "hospital"))
        finished = kedro(
            project, "run", "--env", "study", "--pipeline", "data_processing",
            "--params", "data_processing.columns.masks=outline_file",
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    primary = project / "data/study/03_primary"
    return Processed(
        cases,
        {path.stem: dict(np.load(path)) for path in (primary / "lesions").glob("*.npz")},
        {path.stem for path in (primary / "lesions_reader2").glob("*.npz")},
        pd.read_parquet(primary / "quarantine"),
        pd.read_parquet(primary / "warnings.parquet"),
    )


@pytest.mark.parametrize("one", KINDS, ids=[repr(one.name)[:40] for one in KINDS])
def test_every_kind_of_file_has_its_one_outcome(processed, one: Kind):
    case = processed.cases[one.name]
    first = processed.quarantine["stage"] == "data_processing"
    quarantined = processed.quarantine[first & (processed.quarantine["lesion_id"] == one.name)]
    warned = processed.warnings[processed.warnings["lesion_id"] == one.name]
    assert list(quarantined["rule"]) == ([one.rule] if one.rule else [])
    # Small cuts of simulated images, skipping every other pixel: their quality is judged elsewhere.
    own = [rule for rule in warned["rule"] if rule not in OF_QUALITY or rule == one.warned]
    assert own == ([one.warned] if one.warned else [])
    if one.rule:
        assert quarantined["message"].item()
        assert quarantined["remedy"].item()
        assert one.name not in processed.lesions
        return
    stored = processed.lesions[one.name]
    np.testing.assert_array_equal(stored["mask"], case.mask)
    assert np.abs(stored["image"] - case.grey).max() <= case.tolerance + 1e-6
    np.testing.assert_allclose(stored["spacing_mm"], case.spacing, rtol=1e-6)


def test_a_predictor_that_equals_the_label_is_told(processed):
    whole = processed.warnings[processed.warnings["lesion_id"] == "all lesions"]
    assert whole["rule"].tolist() == ["a predictor that is not the label"]
    assert "'age'" in whole["message"].item()
    assert "data_processing.excluded" in whole["remedy"].item()


def test_the_remedy_of_a_dark_image_names_the_parameter(processed):
    remedies = processed.quarantine.set_index("lesion_id")["remedy"]
    assert "data_processing.grey.range" in remedies["png_of_12_in_16_bits"]
    assert "data_processing.grey.range" not in remedies["dark_png"]
    assert "data_processing.grey.minimum_share" in remedies["dark_png"]


def test_no_message_tells_the_folder_of_a_file(processed):
    folder = str(next(iter(processed.cases.values())).folder.parent)
    assert not processed.quarantine["message"].str.contains(folder, regex=False).any()
    assert not processed.warnings["message"].str.contains(folder, regex=False).any()


def test_a_second_readers_broken_outline_costs_the_second_reader_alone(processed):
    second = processed.quarantine[processed.quarantine["stage"] == "second reader"]
    assert second["lesion_id"].tolist() == ["second_readers_outline_of_no_bytes"]
    assert second["rule"].tolist() == ["readable file"]
    assert processed.reader2 == {"two_readers"}
