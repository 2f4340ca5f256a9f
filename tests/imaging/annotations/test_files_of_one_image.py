"""Files that hold the outline of one image, through the reader."""

import json

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image
from tests.dicom import write_dicom
from tests.drawn import STUDY, corners, labelme, write_rtstruct, write_seg, write_slicer

from spl_kedro.imaging import UnusableLesionError, read_image, read_outline
from spl_kedro.imaging.annotations import rtstruct, seg
from spl_kedro.imaging.outline import ImagePlace

SIZE = (60, 80)
PLACES = {
    "ImagePositionPatient": [10.0, -20.0, 35.0], "PixelSpacing": [0.1, 0.2], "SliceThickness": 1.0,
    "ImageOrientationPatient": [1, 0, 0, 0, 0, -1], "FrameOfReferenceUID": "1.2.3",
}  # fmt: skip


@pytest.fixture
def lesion() -> np.ndarray:
    y, x = np.indices(SIZE)
    return ((x - 41) / 20) ** 2 + ((y - 28) / 13) ** 2 + 0.3 * np.sin(x / 3) < 1


@pytest.fixture
def other() -> np.ndarray:
    mask = np.zeros(SIZE, dtype=bool)
    mask[50:57, 3:11] = True
    return mask


@pytest.fixture
def grey() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, SIZE, dtype=np.uint8)


@pytest.fixture
def dicom(tmp_path, grey):
    """A DICOM image with places in the patient, and its data set."""
    path = tmp_path / "image.dcm"
    return path, write_dicom(path, grey, **STUDY, **PLACES)


def moved(slices: int) -> dict:
    return {"ImagePositionPatient": [10.0, -20.0 + slices, 35.0], "InstanceNumber": slices}


def refused(path, image=None, label=None) -> UnusableLesionError:
    with pytest.raises(UnusableLesionError) as caught:
        read_outline(path, label).on(image or ImagePlace(SIZE))
    for word in ("vandersloot", "77194455", "lesion wall", str(path.parent).casefold()):
        assert word not in caught.value.message.casefold()
    assert caught.value.remedy.endswith(".")
    return caught.value


# LabelMe


def test_a_labelme_polygon_gives_the_mask_back(tmp_path, lesion):
    (tmp_path / "a.json").write_text(labelme([("lesion", "polygon", corners(lesion))], SIZE))
    np.testing.assert_array_equal(read_outline(tmp_path / "a.json").on(ImagePlace(SIZE)), lesion)


def test_labelme_rectangles_and_circles_are_drawn(tmp_path):
    shapes = [
        ("lesion", "rectangle", [[30, 9], [10, 5]]),
        ("lesion", "circle", [[50, 30], [60, 30]]),
    ]
    (tmp_path / "a.json").write_text(labelme(shapes, SIZE))
    mask = read_outline(tmp_path / "a.json").on(ImagePlace(SIZE))
    assert mask[5:9, 10:30].all()
    y, x = np.indices(SIZE) + 0.5
    np.testing.assert_array_equal(mask[12:], (np.hypot(x - 50, y - 30) < 10)[12:])


def test_of_several_labels_the_stated_one_is_taken_whatever_its_case(tmp_path, lesion, other):
    shapes = [
        ("Lesion wall", "polygon", corners(lesion)),
        ("pleura", "line", [[0, 0], [9, 9]]),
        ("rib", "polygon", corners(other)),
    ]
    (tmp_path / "a.json").write_text(labelme(shapes, SIZE))
    found = read_outline(tmp_path / "a.json", "LESION WALL").on(ImagePlace(SIZE))
    np.testing.assert_array_equal(found, lesion)
    error = refused(tmp_path / "a.json")
    assert (error.rule, "`label`" in error.remedy) == ("one label in an outline", True)
    assert "3 labels" in error.message
    assert refused(tmp_path / "a.json", label="tumour").rule == "an outline that is not empty"
    assert refused(tmp_path / "a.json", label="pleura").rule == "a filled outline"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (labelme([], SIZE), "an outline that is not empty"),
        (
            labelme([("a", "polygon", [[0, 0], [9, 0], [9, 9]])], (9, 9)),
            "outline and image of one size",
        ),
        (labelme([("a", "polygon", [[0, 0], [99, 0], [9, 9]])]), "an outline inside the image"),
        (labelme([("a", "polygon", [[0, 0], [9, 0], [9, "Vandersloot"]])]), "readable file"),
        (labelme([("a", "polygon", [[0, 0], [9, 0], [9, float("nan")]])]), "readable file"),
        ('{"shapes": [{"points": [[0, 0', "readable file"),
        ('{"Vandersloot": 77194455}', "readable file"),
        ("[" * 5000, "readable file"),
        (json.dumps({"images": [], "annotations": []}), "known file type"),
        (json.dumps({"Vandersloot.png9": {"filename": "a.png", "regions": []}}), "known file type"),
    ],
)
def test_json_that_is_no_outline_of_the_image_is_refused(tmp_path, content, rule):
    (tmp_path / "a.json").write_text(content)
    assert refused(tmp_path / "a.json").rule == rule


# 3D Slicer and ITK-SNAP


def test_a_slicer_segment_gives_the_mask_back_from_its_layer(tmp_path, lesion, other):
    layers = np.zeros((2, 1, *SIZE), np.uint8)
    layers[0, 0][lesion] = 1
    layers[1, 0][other] = 4  # in a layer of its own, as overlapping segments are
    path = tmp_path / "a.seg.nrrd"
    write_slicer(path, layers, [("Lesion wall", 0, 1), ("rib", 1, 4), ("empty", 0, 2)])
    for label, mask in (("lesion wall", lesion), ("rib", other), ("Segment_2", other)):
        np.testing.assert_array_equal(read_outline(path, label).on(ImagePlace(SIZE)), mask)
    assert "2 labels" in refused(path).message
    assert refused(path, label="tumour").rule == "an outline that is not empty"


def test_the_only_slicer_segment_with_pixels_is_the_lesion(tmp_path, lesion):
    path = tmp_path / "a.seg.nrrd"
    write_slicer(path, lesion[None, None] * np.uint8(3), [("empty", 0, 1), ("lesion", 0, 3)])
    np.testing.assert_array_equal(read_outline(path).on(ImagePlace(SIZE)), lesion)


def test_a_slicer_segmentation_cut_to_its_segments_is_put_back_in_its_place(tmp_path, lesion):
    rows, columns = np.flatnonzero(lesion.any(axis=1)), np.flatnonzero(lesion.any(axis=0))
    part = lesion[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    path = tmp_path / "a.seg.nrrd"
    said = {"ReferenceImageExtentOffset": f"{columns[0]} {rows[0]} 0"}
    write_slicer(path, part[None, None] * np.uint8(1), [("lesion", 0, 1)], **said)
    np.testing.assert_array_equal(read_outline(path).on(ImagePlace(SIZE)), lesion)
    assert refused(path, ImagePlace((30, 40))).rule == "an outline inside the image"


def test_a_slicer_volume_and_one_without_segments_are_refused(tmp_path, lesion):
    path = tmp_path / "a.seg.nrrd"
    write_slicer(path, np.stack([lesion] * 3)[None] * np.uint8(1), [("lesion", 0, 1)])
    assert refused(path).rule == "a single frame"
    write_slicer(path, lesion[None, None] * np.uint8(1), [])
    assert refused(path).rule == "readable file"


@pytest.mark.parametrize("slices", [False, True])
def test_an_itk_snap_label_is_brought_to_the_image_by_its_orientation(
    tmp_path, lesion, other, slices
):
    def write(pixels, path, turn):
        image = sitk.GetImageFromArray(pixels[None] if slices else pixels)
        image.SetSpacing((0.1, 0.2, 1.0) if slices else (0.1, 0.2))
        if turn:
            image = sitk.Flip(image, [True, True, False] if slices else [True, True])
        sitk.WriteImage(image, str(path))

    labels = lesion * np.uint8(2) + other * np.uint8(7)
    write(np.arange(lesion.size, dtype=np.uint16).reshape(SIZE), tmp_path / "i.nii.gz", False)
    write(labels, tmp_path / "a.nii.gz", True)
    image = read_image(tmp_path / "i.nii.gz").place
    assert not np.array_equal(read_outline(tmp_path / "a.nii.gz", "2").mask, lesion)
    np.testing.assert_array_equal(read_outline(tmp_path / "a.nii.gz", "2").on(image), lesion)
    np.testing.assert_array_equal(read_outline(tmp_path / "a.nii.gz", "7").on(image), other)
    assert refused(tmp_path / "a.nii.gz", image).rule == "one label in an outline"


# DICOM SEG


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_a_dicom_segment_gives_the_mask_back(tmp_path, dicom, lesion, kind):
    path, data = dicom
    write_seg(tmp_path / "a.dcm", [data], {"lesion": lesion[None]}, kind)
    found = read_outline(tmp_path / "a.dcm")
    np.testing.assert_array_equal(found.on(read_image(path).place), lesion)
    np.testing.assert_array_equal(found.on(ImagePlace(SIZE)), lesion)


def test_an_ultrasound_image_without_places_can_be_segmented(tmp_path, grey, lesion, other):
    data = write_dicom(tmp_path / "image.dcm", grey, **STUDY)
    masks = {"Lesion wall": lesion[None], "rib": other[None]}
    write_seg(tmp_path / "a.dcm", [data], masks)
    image = read_image(tmp_path / "image.dcm").place
    np.testing.assert_array_equal(read_outline(tmp_path / "a.dcm", "rib").on(image), other)
    np.testing.assert_array_equal(read_outline(tmp_path / "a.dcm", "Lesion Wall").on(image), lesion)
    assert refused(tmp_path / "a.dcm", image).rule == "one label in an outline"
    assert refused(tmp_path / "a.dcm", image, "tumour").rule == "an outline that is not empty"


def test_of_several_segmented_images_the_lesions_own_is_taken(tmp_path, grey, lesion, other):
    images = [
        write_dicom(tmp_path / f"{number}.dcm", grey, **STUDY | PLACES | moved(number))
        for number in (1, 2, 3)
    ]
    write_seg(tmp_path / "a.dcm", images[:2], {"lesion": np.stack([lesion, other])})
    found = read_outline(tmp_path / "a.dcm")
    np.testing.assert_array_equal(found.on(read_image(tmp_path / "1.dcm").place), lesion)
    np.testing.assert_array_equal(found.on(read_image(tmp_path / "2.dcm").place), other)
    third = refused(tmp_path / "a.dcm", read_image(tmp_path / "3.dcm").place)
    assert third.rule == refused(tmp_path / "a.dcm").rule == "an outline of this very image"


def test_a_segmentation_that_names_no_image_is_refused(tmp_path, dicom, lesion):
    _, data = dicom
    write_seg(tmp_path / "a.dcm", [data], {"lesion": lesion[None]})
    from pydicom import dcmread

    written = dcmread(tmp_path / "a.dcm")
    for item in written.PerFrameFunctionalGroupsSequence:
        del item.DerivationImageSequence
    del written.ReferencedSeriesSequence, written.SourceImageSequence
    written.save_as(tmp_path / "a.dcm")
    assert refused(tmp_path / "a.dcm").rule == "an outline of this very image"


def test_the_lists_of_what_is_read_of_dicom_outlines_hold_nothing_personal():
    from pydicom.datadict import tag_for_keyword

    for whitelist in (seg.WHITELIST, rtstruct.WHITELIST):
        assert all(tag_for_keyword(name) for name in whitelist)
        assert len(set(whitelist)) == len(whitelist)
        assert not (set(STUDY) - {"StudyInstanceUID", "SeriesInstanceUID"}) & set(whitelist)


# DICOM RTSTRUCT


def in_patient(data, points) -> np.ndarray:
    """Places of (x, y), pixels beginning at whole numbers, by DICOM's equation C.7.6.2.1-1."""
    x, y = np.array(points).T - 0.5
    along_row, along_column = np.reshape(data.ImageOrientationPatient, (2, 3)).astype(float)
    down, across = map(float, data.PixelSpacing)
    return (
        np.array(data.ImagePositionPatient, float)
        + np.outer(x, along_row * across)
        + np.outer(y, along_column * down)
    )


def test_contours_in_the_patient_are_mapped_to_the_images_pixels(tmp_path, dicom, lesion):
    path, data = dicom
    lesion[20:30, 35:45] = False  # a hole is a contour within another
    from skimage.measure import find_contours

    contours = [
        in_patient(data, contour[:-1, ::-1] + 0.5) for contour in find_contours(lesion * 1.0, 0.5)
    ]
    assert len(contours) == 2
    off_plane = in_patient(data, corners(lesion | True)) + np.array([0, 9, 0])
    write_rtstruct(tmp_path / "a.dcm", {"Lesion wall": [*contours, off_plane]})
    image = read_image(path).place
    np.testing.assert_array_equal(read_outline(tmp_path / "a.dcm").on(image), lesion)


def test_contours_name_their_image_and_structures_their_label(tmp_path, dicom, lesion, other):
    path, data = dicom
    image = read_image(path).place
    structures = {"lesion": [in_patient(data, corners(lesion))],
                  "rib": [in_patient(data, corners(other))], "empty": []}  # fmt: skip
    write_rtstruct(tmp_path / "a.dcm", structures, data.SOPInstanceUID)
    np.testing.assert_array_equal(read_outline(tmp_path / "a.dcm", "rib").on(image), other)
    assert refused(tmp_path / "a.dcm", image).rule == "one label in an outline"
    assert refused(tmp_path / "a.dcm", image, "tumour").rule == "an outline that is not empty"
    write_rtstruct(tmp_path / "b.dcm", structures, "1.2.3.4")
    assert refused(tmp_path / "b.dcm", image, "rib").rule == "an outline of this very image"


def test_contours_that_cannot_lie_on_the_image_are_refused(tmp_path, dicom, grey, lesion):
    path, data = dicom
    image, points = read_image(path).place, in_patient(data, corners(lesion))
    for shift, kind, rule in [
        ([0, 5, 0], "CLOSED_PLANAR", "outline and image in one plane"),
        ([9, 0, 0], "CLOSED_PLANAR", "an outline inside the image"),
        ([0, 0, 0], "OPEN_PLANAR", "a filled outline"),
    ]:
        write_rtstruct(tmp_path / "a.dcm", {"lesion": [points + np.array(shift)]}, kind=kind)
        assert refused(tmp_path / "a.dcm", image).rule == rule
    write_rtstruct(tmp_path / "a.dcm", {"lesion": [points]})
    write_dicom(tmp_path / "plain.dcm", grey)
    Image.fromarray(grey).save(tmp_path / "plain.png")
    for name in ("plain.dcm", "plain.png"):
        error = refused(tmp_path / "a.dcm", read_image(tmp_path / name).place)
        assert error.rule == "an image with places in the patient"
        assert "PNG mask" in error.remedy
    write_rtstruct(tmp_path / "a.dcm", {"lesion": []})
    assert refused(tmp_path / "a.dcm", image).rule == "an outline that is not empty"
