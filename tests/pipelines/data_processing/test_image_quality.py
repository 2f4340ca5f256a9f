"""What becomes of images that were drawn on, through `kedro run` on conf/study."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.imaging.quality.drawn import written_on
from tests.matrix.hospital import simulated
from tests.projects import kedro, make_project

CASES, WRITTEN, ENLARGED = 8, "case 3", "case 5"
NAME = "SMITH, JOHN"


class Run(NamedTuple):
    quality: pd.DataFrame
    others: pd.DataFrame
    quarantine: pd.DataFrame
    cohort: pd.DataFrame
    images: dict[str, np.ndarray]
    said: str


def picture(case, number):
    """Return the image and outline of a case, one written on, one enlarged."""
    image, mask = simulated(number)
    rows, columns = slice(100 + number, 360 + number), slice(140, 440)
    image, mask = image[rows, columns], mask[rows, columns]
    if case == WRITTEN:
        image = written_on(image, NAME)
    if case == ENLARGED:
        small = Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2))
        image = np.asarray(small.resize(image.shape[::-1], Image.Resampling.BILINEAR))
    return image, mask


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn on")
    rows = []
    for kind in ("images", "outlines", "outlines_reader2"):
        (folder / "hospital" / kind).mkdir(parents=True)
    for number in range(CASES):
        case = f"case {number}"
        image, mask = picture(case, number)
        Image.fromarray(image).save(folder / "hospital/images" / f"{case}.png")
        Image.fromarray(mask * np.uint8(255)).save(folder / "hospital/outlines" / f"{case}.png")
        rows.append(
            {
                "case_id": case,
                "patient_id": f"patient {number}",
                "age": 40 + number % 3,
                "pathology": ("benign", "malignant")[number % 2],
                "sex": ("female", "male")[number // 4],
            }
        )
    pd.DataFrame(rows).to_csv(folder / "hospital/cohort.csv", index=False)
    make_project(folder / "project")
    return folder


def run_with(hospital, action) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(hospital / "hospital"))
        finished = kedro(
            hospital / "project", "run", "--env", "study", "--pipelines", "data_processing",
            "--params", f"data_processing.quality.action={action},sealing.sealed=false",
        )  # fmt: skip
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said[-3000:]
    primary = hospital / "project/data/study/03_primary"
    findings = pd.read_parquet(primary / "findings/data_processing.parquet")
    left_out = findings["action"] == "quarantined"
    return Run(
        pd.read_parquet(primary / "quality.parquet"),
        findings[~left_out].reset_index(drop=True),
        findings[left_out].reset_index(drop=True),
        pd.read_parquet(primary / "cohort.parquet"),
        {
            path.stem: np.load(path)["image"].astype(float)
            for path in (primary / "lesions").glob("*.npz")
        },
        said,
    )


def actions(run):
    found = run.quality[run.quality["found"]]
    return dict(
        zip(zip(found["lesion_id"], found["check"], strict=True), found["action"], strict=True)
    )


def test_quarantine_leaves_out_what_a_check_finds_and_says_why(hospital):
    run = run_with(hospital, "quarantine")
    assert actions(run) == {(WRITTEN, "text"): "quarantine", (ENLARGED, "upscaled"): "quarantine"}
    assert dict(zip(run.quarantine["lesion_id"], run.quarantine["rule"], strict=True)) == {
        WRITTEN: "an image without burned-in text",
        ENLARGED: "an image at its native size",
    }
    assert set(run.cohort.index) == set(run.images) == {f"case {n}" for n in (0, 1, 2, 4, 6, 7)}
    assert run.quality["lesion_id"].nunique() == CASES


def test_inpainting_fills_in_text_flags_the_rest_and_is_recorded(hospital):
    run = run_with(hospital, "inpaint")
    assert actions(run) == {(WRITTEN, "text"): "inpaint", (ENLARGED, "upscaled"): "flag"}
    assert run.quarantine.empty
    done = run.others.set_index("lesion_id")["action"]
    assert done[[WRITTEN, ENLARGED]].to_dict() == {WRITTEN: "inpainted", ENLARGED: "flagged"}
    assert set(done.index) - {"all lesions"} == {WRITTEN, ENLARGED}
    filled = run.cohort["inpainted_pixels"]
    assert list(filled.index[filled > 0]) == [WRITTEN]
    for number, case in enumerate(run.cohort.index):
        drawn, _ = picture(case, number)
        grey = np.asarray(Image.fromarray(drawn).convert("L"), dtype=float)
        changed = run.images[case] != grey
        assert changed.sum() == filled[case]
        if case == WRITTEN:
            plain, _ = picture("as it was", number)
            letters = np.abs(grey - plain) > 60
            assert changed[letters].mean() > 0.95
            before, after = (
                np.abs(image - plain)[letters].mean() for image in (grey, run.images[case])
            )
            assert after < before / 3
    told = run.said + run.quality.to_csv() + run.others.to_csv()
    assert "SMITH" not in told
