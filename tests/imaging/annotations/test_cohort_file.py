"""Files that hold the outlines of many images, through the reader and the dataset."""

import json
import pickle
import re

import numpy as np
import pytest
from kedro.io import DatasetError
from pycocotools import mask as packed
from tests.drawn import coco, corners

from spl_kedro.datasets.annotation_file import AnnotationFileDataset
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.annotations.cohort_file import read_annotations
from spl_kedro.imaging.outline import ImagePlace

SIZE = (60, 80)


def blob(row: int = 28) -> np.ndarray:
    y, x = np.indices(SIZE)
    return ((x - 41) / 20) ** 2 + ((y - row) / 13) ** 2 + 0.3 * np.sin(x / 3) < 1


def flat(mask) -> list[float]:
    return np.ravel(corners(mask)).tolist()


def run_lengths(mask, *, plain: bool) -> dict:
    if not plain:
        encoded = packed.encode(np.asfortranarray(mask.astype(np.uint8)))
        return {"size": list(mask.shape), "counts": encoded["counts"].decode()}
    column = mask.ravel(order="F")
    ends = np.flatnonzero(np.diff(column)) + 1
    return {"size": list(mask.shape), "counts": np.diff([0, *ends, column.size]).tolist()}


def load(path, **options):
    return AnnotationFileDataset(filepath=path.as_posix(), **options).load()


def test_coco_polygons_and_run_lengths_give_the_masks_back(tmp_path):
    outlines = {
        "a.png": [("lesion", [flat(blob())])],
        "below\\b.png": [("lesion", run_lengths(blob(20), plain=True))],
        "c.png": [("lesion", run_lengths(blob(30), plain=False))],
        "nothing.png": [],
    }
    (tmp_path / "all.json").write_text(coco(outlines, SIZE))
    readers = pickle.loads(pickle.dumps(load(tmp_path / "all.json")))
    assert set(readers) == {"a.png", "below/b.png", "c.png"}
    for name, row in (("a.png", 28), ("below/b.png", 20), ("c.png", 30)):
        np.testing.assert_array_equal(readers[name]().on(ImagePlace(SIZE)), blob(row))


def test_a_category_of_coco_is_chosen_by_name_or_number(tmp_path):
    drawn = [("rib", [flat(blob(14))]), ("lesion", [flat(blob())])]
    (tmp_path / "all.json").write_text(coco({"a.png": drawn}, SIZE))
    for label in ("Lesion", 1):
        found = load(tmp_path / "all.json", label=label)["a.png"]()
        np.testing.assert_array_equal(found.on(ImagePlace(SIZE)), blob())
    with pytest.raises(UnusableLesionError, match="one label in an outline"):
        load(tmp_path / "all.json")["a.png"]()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (coco({"a.png": [("lesion", [])]}, SIZE), "a filled outline"),
        (coco({"a.png": [("lesion", [[1, 1, 5, 5]])]}, SIZE), "a filled outline"),
        (coco({"a.png": [("lesion", [flat(blob())])]}, (9, 9)), "outline and image of one size"),
        (coco({"a.png": [("lesion", {"size": [9, 9], "counts": [81]})]}),
         "outline and image of one size"),
        (coco({"a.png": [("lesion", {"size": SIZE, "counts": [9999]})]}), "readable file"),
        (coco({"a.png": [("lesion", [flat(blob())])], "/a.png": []}), ""),
        (coco({"a.png": [("l", [flat(blob())])], "/a.png": [("l", [flat(blob())])]}),
         "an outline of one lesion"),
    ],
)  # fmt: skip
def test_a_coco_outline_that_does_not_fit_costs_its_case_alone(tmp_path, content, rule):
    (tmp_path / "all.json").write_text(content)
    read = load(tmp_path / "all.json")["a.png"]
    if not rule:
        assert read().on(ImagePlace(SIZE)).any()
        return
    with pytest.raises(UnusableLesionError) as caught:
        read().on(ImagePlace(SIZE))
    assert caught.value.rule == rule
    assert caught.value.remedy


def via(**regions) -> dict:
    return {
        f"{name}.png99": {
            "filename": f"{name}.png",
            "size": 99,
            "regions": drawn,
            "file_attributes": {},
        }
        for name, drawn in regions.items()
    }


def region(name: str, attributes=None, **shape) -> dict:
    return {"shape_attributes": {"name": name, **shape}, "region_attributes": attributes or {}}


def polygon(mask, kind="polygon", attributes=None) -> dict:
    x, y = zip(*corners(mask), strict=True)
    return region(kind, attributes, all_points_x=x, all_points_y=y)


def table(images: dict) -> str:
    """VIA's CSV of the same."""
    head = ("filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,"
            "region_attributes\n")  # fmt: skip
    quoted = ['"' + json.dumps(cell).replace('"', '""') + '"' for one in images.values()
              for drawn in one["regions"] for cell in drawn.values()]  # fmt: skip
    names = [one["filename"] for one in images.values() for _ in one["regions"]]
    rows = [f'{name},99,"{{}}",1,0,{shape},{attributes}' for name, shape, attributes in
            zip(names, quoted[::2], quoted[1::2], strict=True)]  # fmt: skip
    return head + "\n".join([*rows, 'nothing.png,99,"{}",0,0,"{}","{}"']) + "\n"


@pytest.mark.parametrize("form", ["project", "json", "csv"])
def test_via_shapes_are_drawn_from_all_three_of_its_files(tmp_path, form):
    images = via(
        a=[polygon(blob())],
        line=[polygon(blob(20), "polyline")],
        box=[region("rect", x=10, y=5, width=20, height=4)],
        round=[region("circle", cx=40, cy=30, r=10)],
        oval=[region("ellipse", cx=40, cy=30, rx=20, ry=8, theta=0.5)],
        nothing=[],
    )
    content = {
        "project": lambda: json.dumps({"_via_settings": {}, "_via_img_metadata": images}),
        "json": lambda: json.dumps(images),
        "csv": lambda: "\ufeff" + table(images),
    }[form]()
    path = tmp_path / f"all.{'csv' if form == 'csv' else 'json'}"
    path.write_text(content, encoding="utf-8")
    found = {name: read().on(ImagePlace(SIZE)) for name, read in load(path).items()}
    y, x = np.indices(SIZE) + 0.5
    along = (x - 40) * np.cos(0.5) + (y - 30) * np.sin(0.5)
    across = (y - 30) * np.cos(0.5) - (x - 40) * np.sin(0.5)
    box = np.zeros(SIZE, dtype=bool)
    box[5:9, 10:30] = True
    expected = {
        "a.png": blob(), "line.png": blob(20), "box.png": box,
        "round.png": np.hypot(x - 40, y - 30) < 10,
        "oval.png": np.hypot(along / 20, across / 8) < 1,
    }  # fmt: skip
    assert set(found) == set(expected)
    for name, mask in expected.items():
        np.testing.assert_array_equal(found[name], mask)


def test_a_region_of_via_is_chosen_by_the_value_of_an_attribute(tmp_path):
    drawn = [
        polygon(blob(), attributes={"kind": "Lesion", "sure": {"yes": True, "no": False}}),
        polygon(blob(14), attributes={"kind": "rib", "sure": {"no": True}}),
        region("point", {"kind": "rib"}, cx=1, cy=1),
    ]
    (tmp_path / "all.json").write_text(json.dumps(via(a=drawn)))
    for label in ("lesion", "yes"):
        found = load(tmp_path / "all.json", label=label)["a.png"]()
        np.testing.assert_array_equal(found.on(ImagePlace(SIZE)), blob())
    for label, rule in ((None, "one label"), ("rib", "a filled"), ("no such", "not empty")):
        with pytest.raises(UnusableLesionError, match=rule):
            load(tmp_path / "all.json", label=label)["a.png"]()


def test_a_via_outline_beyond_its_image_is_refused_since_no_size_is_stated(tmp_path):
    (tmp_path / "all.json").write_text(json.dumps(via(a=[polygon(blob())])))
    with pytest.raises(UnusableLesionError, match="an outline inside the image"):
        load(tmp_path / "all.json")["a.png"]().on(ImagePlace((30, 30)))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("all.json", "no json Vandersloot", "is neither COCO nor VIA 2"),
        ("all.json", '{"shapes": []}', "is neither COCO nor VIA 2"),
        ("all.json", '{"Vandersloot": 1}', "is neither COCO nor VIA 2"),
        ("all.json", '{"images": [{"id": 1, "file_name": 7}], "annotations": []}',
         r"is no COCO file at images\.0\.file_name"),
        ("all.json", '{"Vandersloot": {"filename": "a.png", "regions": [{"shape": 1}]}}',
         r"is no VIA file at images\."),
        ("all.csv", "filename,region_shape_attributes\nVandersloot.png,{}", "is no VIA file"),
        ("all.csv", "a,b\n1,2", "is neither COCO nor VIA 2"),
        ("all.xml", "<annotation/>", "is neither COCO nor VIA 2"),
    ],
)  # fmt: skip
def test_a_file_of_no_known_kind_ends_the_study_in_one_line(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(DatasetError) as caught:
        load(tmp_path / name)
    told = caught.value.__cause__
    assert isinstance(told, UnusableStudyError)
    assert re.search(words, told.message)
    assert "Vandersloot" not in str(told)
    assert str(tmp_path) not in str(told)
    assert told.rule == f"{name}: a file of outlines"


def test_an_absent_file_is_named_unless_it_is_optional(tmp_path):
    assert load(tmp_path / "all.json", optional=True) == {}
    with pytest.raises(DatasetError, match=r"all\.json does not exist"):
        load(tmp_path / "all.json")


def test_the_file_is_read_in_a_process_that_may_end(tmp_path):
    from spl_kedro.guarded import Limits, within

    with (tmp_path / "all.json").open("wb") as file:
        file.truncate(400 * 2**20)
    with within(Limits(memory_mb=100)), pytest.raises(UnusableLesionError) as caught:
        read_annotations(tmp_path / "all.json")
    assert caught.value.rule == "a file that is decoded within the limits"
