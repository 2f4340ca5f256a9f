"""Outlines as programs for drawing them store them."""

import numpy as np
import SimpleITK as sitk
from tests.drawn import STUDY, coco, corners, labelme, write_rtstruct, write_seg, write_slicer
from tests.matrix.hospital import PIXEL
from tests.matrix.kinds import Register

from spl_kedro.imaging.annotations.labels import NAME_LABEL

kind = Register("Outlines of drawing programs")
PLACES = {
    "ImagePositionPatient": [12.0, -7.0, 3.0], "PixelSpacing": [PIXEL, PIXEL],
    "ImageOrientationPatient": [0, 1, 0, 0, 0, -1], "FrameOfReferenceUID": "1.2.3",
}  # fmt: skip
ONE_LABEL = "one label in an outline"
OTHER_IMAGE = "an outline of this very image"


def other(mask) -> np.ndarray:
    """Return a second structure beside the lesion."""
    return np.roll(mask, 9, axis=0) & ~mask


def drawn(case, *shapes, size=None):
    text = labelme(shapes, size or case.mask.shape)
    case.path("outlines", ".json").write_text(text)


@kind()
def labelme_polygon(case):
    """LabelMe JSON: a polygon"""
    case.image(), drawn(case, ("lesion", "polygon", corners(case.mask)))


@kind()
def labelme_rectangle(case):
    """LabelMe JSON: a rectangle"""
    case.mask[:] = False
    case.mask[20:40, 30:71] = True
    case.image(), drawn(case, ("lesion", "rectangle", [[30, 40], [71, 20]]))


@kind(ONE_LABEL, remedy=NAME_LABEL)
def labelme_two_labels(case):
    """LabelMe JSON: two labels, none chosen in the catalog"""
    box = [[3, 3], [30, 9]]
    case.image()
    drawn(case, ("lesion", "polygon", corners(case.mask)), ("rib", "rectangle", box))


@kind("a filled outline", remedy="Draw the lesion as a polygon, and remove what is none.")
def labelme_line(case):
    """LabelMe JSON: a line across the lesion"""
    case.image(), drawn(case, ("lesion", "line", [[30, 30], [90, 40]]))


@kind("outline and image of one size")
def labelme_on_an_enlarged_copy(case):
    """LabelMe JSON drawn on an enlarged copy of the image"""
    points, (height, width) = 2 * np.array(corners(case.mask)), case.mask.shape
    case.image()
    drawn(case, ("lesion", "polygon", points.tolist()), size=(2 * height, 2 * width))


@kind(
    "known file type",
    remedy="Let lesion_masks in conf/<environment>/catalog.yml be an AnnotationFileDataset of it.",
)
def coco_in_the_folder_of_outlines(case):
    """COCO JSON among the outlines of single images"""
    outlines = {f"{case.lesion_id}.png": [("lesion", [np.ravel(corners(case.mask)).tolist()])]}
    case.image(), case.path("outlines", ".json").write_text(coco(outlines, case.mask.shape))


@kind()
def slicer_segmentation(case):
    """3D Slicer .seg.nrrd: one segment with pixels, beside a PNG image"""
    layers = case.mask[None, None] * np.uint8(2)
    case.image()
    write_slicer(case.path("outlines", ".seg.nrrd"), layers, [("a", 0, 1), ("lesion", 0, 2)])


@kind()
def slicer_segmentation_cut_to_the_segment(case):
    """3D Slicer .seg.nrrd cut to its segment"""
    rows, columns = (np.flatnonzero(case.mask.any(axis=axis)) for axis in (1, 0))
    part = case.mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    offset = f"{columns[0]} {rows[0]} 0"
    case.image()
    write_slicer(
        case.path("outlines", ".seg.nrrd"), part[None, None] * np.uint8(1), [("lesion", 0, 1)],
        ReferenceImageExtentOffset=offset,
    )  # fmt: skip


@kind(ONE_LABEL, remedy=NAME_LABEL)
def slicer_two_segments(case):
    """3D Slicer .seg.nrrd: two segments in two layers, none chosen in the catalog"""
    layers = np.stack([case.mask, np.roll(case.mask, 3, axis=0)])[:, None].astype(np.uint8)
    case.image()
    write_slicer(case.path("outlines", ".seg.nrrd"), layers, [("lesion", 0, 1), ("rim", 1, 1)])


@kind()
def itk_snap_label(case):
    """ITK-SNAP: label 3 of a single slice in NIfTI, beside a PNG image"""
    labels = sitk.GetImageFromArray(case.mask[None] * np.uint8(3))
    case.image(), sitk.WriteImage(labels, str(case.path("outlines", ".nii.gz")))


@kind()
def dicom_segmentation(case):
    """DICOM SEG of a DICOM image without places in the patient"""
    data = case.dicom(**STUDY)
    write_seg(case.path("outlines", ".dcm"), [data], {"lesion": case.mask[None]})


@kind()
def dicom_label_map_segmentation(case):
    """DICOM SEG as a label map"""
    data = case.dicom(**STUDY)
    write_seg(case.path("outlines", ".dcm"), [data], {"lesion": case.mask[None]}, "LABELMAP")


@kind(OTHER_IMAGE)
def dicom_segmentation_of_another_image(case):
    """DICOM SEG that names another image"""
    data = case.dicom(**STUDY)
    write_seg(case.path("outlines", ".dcm"), [data], {"lesion": case.mask[None]})
    case.dicom(**STUDY)


@kind(ONE_LABEL, remedy=NAME_LABEL)
def dicom_segmentation_of_two(case):
    """DICOM SEG: two segments, none chosen in the catalog"""
    masks = {"lesion": case.mask[None], "rib": other(case.mask)[None]}
    write_seg(case.path("outlines", ".dcm"), [case.dicom(**STUDY)], masks)


def contours(case) -> list[np.ndarray]:
    """Return the lesion's contour by the places of `PLACES`: columns run back, rows down."""
    x, y = np.array(corners(case.mask)).T - 0.5
    return [np.stack([12 + 0 * x, -7 + PIXEL * x, 3 - PIXEL * y], axis=1)]


@kind()
def structure_set(case):
    """DICOM RTSTRUCT of an image with places in the patient"""
    data, case.spacing = case.dicom(**PLACES), (PIXEL, PIXEL)
    structures = {"lesion": contours(case)}
    write_rtstruct(case.path("outlines", ".dcm"), structures, data.SOPInstanceUID)


@kind("an image with places in the patient")
def structure_set_of_an_image_without_places(case):
    """DICOM RTSTRUCT of an ultrasound image that does not say where it lies"""
    case.dicom(), write_rtstruct(case.path("outlines", ".dcm"), {"lesion": contours(case)})
