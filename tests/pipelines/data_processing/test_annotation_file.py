"""A cohort whose outlines stand in one file for all images, through `kedro run`."""

import json

import numpy as np
import pandas as pd
from tests.drawn import coco, corners
from tests.matrix.hospital import sound, write_hospital
from tests.projects import kedro, make_project

FOLDER = """image_folder.ImageFolderDataset
  path: ${required_env:STUDY_DIR}/%s
  dataset: spl_kedro.datasets.image_folder.OutlineDataset
"""
FILE = """annotation_file.AnnotationFileDataset
  filepath: ${required_env:STUDY_DIR}/%s
"""


def test_outlines_of_coco_and_a_second_readers_of_via_are_those_of_the_cohort(
    tmp_path, monkeypatch
):
    cases = write_hospital(tmp_path / "hospital", sound(20))
    names = {f"{lesion}.png": case.mask for lesion, case in cases.items()}
    *drawn, undrawn = names
    rib = [[1, 1, 20, 1, 20, 6, 1, 6]]
    first = {n: [("lesion", [np.ravel(corners(names[n])).tolist()]), ("rib", rib)] for n in drawn}
    told = json.loads(coco(first))
    for image in told["images"]:
        image["height"], image["width"] = names[image["file_name"]].shape
    (tmp_path / "hospital/first.json").write_text(json.dumps(told))
    second = {}
    for name in drawn[:3]:
        x, y = zip(*corners(np.roll(names[name], 1, axis=0)), strict=True)
        shape = {"name": "polygon", "all_points_x": x, "all_points_y": y}
        region = {"shape_attributes": shape, "region_attributes": {"kind": "lesion"}}
        second[f"{name}99"] = {"filename": name, "size": 99, "regions": [region]}
    (tmp_path / "hospital/second.json").write_text(json.dumps({"_via_img_metadata": second}))
    project = make_project(tmp_path / "project")
    catalog = project / "conf/study/catalog.yml"
    text = catalog.read_text()
    for folder, file in (("outlines", "first"), ("outlines_reader2", "second")):
        kept = "  optional: true\n" if file == "second" else ""
        old = FOLDER % folder + kept + "  read_only: true\n"
        assert old in text
        text = text.replace(old, FILE % f"{file}.json" + "  label: Lesion\n")
    catalog.write_text(text)
    monkeypatch.setenv("STUDY_DIR", str(tmp_path / "hospital"))
    finished = kedro(
        project, "run", "--env", "study", "--pipelines", "data_processing",
        "--params", "sealing.sealed=false",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    primary = project / "data/study/03_primary"
    for folder, expected in (
        ("lesions", {name: names[name] for name in drawn}),
        ("lesions_reader2", {name: np.roll(names[name], 1, axis=0) for name in drawn[:3]}),
    ):
        stored = {f"{path.stem}.png": np.load(path) for path in (primary / folder).glob("*.npz")}
        assert set(stored) == set(expected)
        for name, mask in expected.items():
            np.testing.assert_array_equal(stored[name]["mask"], mask)
    findings = pd.read_parquet(primary / "findings/data_processing.parquet")
    (left_out,) = findings[findings["action"] == "quarantined"].itertuples()
    assert f"{left_out.lesion_id}.png" == undrawn
    assert left_out.rule == "an outline for each row"
