"""One cohort of every kind of image, outline, name and cell, through `kedro run` on conf/study."""

import os
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from tests.matrix.hospital import Case, write_hospital
from tests.matrix.kinds import Kind, Outcome
from tests.matrix.registers import CASES
from tests.projects import kedro_process, make_project

from spl_kedro.imaging.quality import CHECKS
from spl_kedro.schemas import Findings

OF_QUALITY = {str(check.rule) for check in CHECKS}


class Processed(NamedTuple):
    cases: dict[str, Case]
    rows: int
    cohort: pd.DataFrame
    lesions: dict[str, dict[str, np.ndarray]]
    reader2: set[str]
    quarantine: pd.DataFrame
    others: pd.DataFrame
    leaks: pd.DataFrame


#: Found by every process that Python starts; the one that decodes files dies of a certain name.
ABORTING = """
import os, sys
def abort(event, given):
    if event == "open" and "aborts_the_decoder" in str(given[0]):
        os.abort()
if "spl_kedro.guarded.worker" in sys.orig_argv:
    sys.addaudithook(abort)
"""


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    cases = write_hospital(folder / "hospital", CASES)
    project = make_project(folder / "project")
    (folder / "sitecustomize.py").write_text(ABORTING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(folder / "hospital"))
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        finished = kedro_process(
            project, "run", "--env", "study", "--pipelines", "data_processing", "--params",
            "data_processing.columns.masks=outline_file,data_processing.columns.image=image_file,"
            "data_processing.columns.frame=frame,data_processing.files.several_images=true,"
            "sealing.sealed=false,"
            "data_processing.decoding.pixels=90000000,data_processing.decoding.seconds=8,"
            "data_processing.decoding.memory_mb=512",
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    primary = project / "data/study/03_primary"
    findings = Findings.validate(pd.read_parquet(primary / "findings/data_processing.parquet"))
    quarantined = findings["action"] == "quarantined"
    return Processed(
        cases,
        len(pd.read_csv(folder / "hospital/cohort.csv", dtype=str)),
        pd.read_parquet(primary / "cohort.parquet"),
        {path.stem: dict(np.load(path)) for path in (primary / "lesions").glob("*.npz")},
        {path.stem for path in (primary / "lesions_reader2").glob("*.npz")},
        findings[quarantined],
        findings[~quarantined],
        Findings.validate(pd.read_parquet(primary / "findings/leaks.parquet")),
    )


@pytest.mark.parametrize("one", CASES, ids=[f"{one.group}: {one.what}"[:60] for one in CASES])
def test_every_kind_of_case_has_its_one_outcome(processed, one: Kind):
    case = processed.cases[one.name]
    quarantined = processed.quarantine[processed.quarantine["lesion_id"] == case.listed]
    first = processed.others["stage"] == "data_processing"
    warned = processed.others[first & (processed.others["lesion_id"] == case.listed)]
    # Small cuts of simulated images, skipping every other pixel: their quality is judged elsewhere.
    warned = warned[~warned["rule"].isin(OF_QUALITY - {one.rule})]
    if one.outcome is Outcome.QUARANTINED:
        assert set(quarantined["rule"]) == {one.rule}
        assert set(quarantined["remedy"]) == {one.remedy}
        assert quarantined["message"].str.len().gt(10).all()
        assert one.name not in processed.lesions
        return
    assert quarantined.empty
    own = warned[warned["rule"] == one.rule]
    assert list(own["remedy"]) == ([] if one.rule is None else [one.remedy])
    assert own["message"].str.len().gt(10).all()
    assert case.listed != one.name or len(own) == len(warned), "a warning that was not expected"
    for name in case.images or [one.name]:
        stored = processed.lesions[name]
        np.testing.assert_array_equal(stored["mask"], case.mask)
        assert np.abs(stored["image"].astype(float) - case.grey).max() <= case.tolerance + 1e-6
        np.testing.assert_allclose(stored["spacing_mm"], case.spacing, rtol=1e-6)
    if case.images:
        assert processed.cohort.loc[case.images, "patient_id"].nunique() == 1


def test_a_file_that_is_not_decoded_says_how_its_decoding_ended(processed):
    messages = processed.quarantine.set_index("lesion_id")["message"]
    assert messages["aborts_the_decoder"] == (
        "aborts_the_decoder.png ended the process that decoded it, 2 times (SIGABRT)."
    )
    assert messages["jpeg_of_thousands_of_scans"].endswith(".jpg was not decoded within 8 s.")
    assert "took more than 512 MiB of memory" in messages["png_that_fills_the_memory"]


def test_no_case_is_lost(processed):
    left_out = set(processed.quarantine["lesion_id"])
    assert set(processed.cohort.index) == set(processed.lesions)
    assert not left_out & set(processed.cohort.index)
    # Two rows beyond those of the cases: one repeats another, one contradicts another.
    assert processed.rows == len(CASES) + 2
    further = sum(len(case.images) - 1 for case in processed.cases.values() if case.images)
    assert len(CASES) + further == len(processed.cohort) + len(left_out)


def test_a_file_that_may_be_meant_is_named(processed):
    messages = processed.quarantine.set_index("lesion_id")["message"]
    assert "near: '0071.png'" in messages["71"]
    misnamed = [one.name for one in CASES if one.make.__qualname__.startswith("misnamed")]
    assert len(misnamed) == 6
    for name in misnamed:
        near = messages[name].partition("near: ")[2].replace("-", "_")
        assert name in near, messages[name]


def test_a_predictor_that_equals_the_label_is_told(processed):
    told = processed.leaks[processed.leaks["rule"] == "a predictor that is not the label"]
    assert set(told["lesion_id"]) == {"all lesions"}
    assert "'age'" in told["message"].item()
    assert "data_processing.excluded" in told["remedy"].item()


def test_the_remedy_of_a_dark_image_names_the_parameter(processed):
    remedies = processed.quarantine.set_index("lesion_id")["remedy"]
    assert "data_processing.grey.range" in remedies["png_of_12_in_16_bits"]
    assert "data_processing.grey.range" not in remedies["dark_png"]
    assert "data_processing.grey.minimum_share" in remedies["dark_png"]


def test_no_message_tells_the_folder_of_a_file(processed):
    folder = str(next(iter(processed.cases.values())).folder.parent)
    assert not processed.quarantine["message"].str.contains(folder, regex=False).any()
    assert not processed.others["message"].str.contains(folder, regex=False).any()


def test_a_second_readers_broken_outline_costs_the_second_reader_alone(processed):
    second = processed.others[processed.others["stage"] == "second reader"]
    assert set(second["action"]) == {"left out"}
    assert second["lesion_id"].tolist() == ["second_readers_outline_of_no_bytes"]
    assert second["rule"].tolist() == ["readable file"]
    assert processed.reader2 == {"two_readers"}
