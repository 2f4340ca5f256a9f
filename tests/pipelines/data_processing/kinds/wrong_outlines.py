"""Outlines that can be read and cannot be right, and cases that show only beside others."""

import shutil

import numpy as np
from PIL import Image
from scipy import ndimage
from tests.pipelines.data_processing.kinds.hospital import kind

PICTURE = "an outline, not a picture"


def ring(mask, width=2):
    return (mask & ~ndimage.binary_erosion(mask, iterations=width)) * np.uint8(255)


@kind(PICTURE)
def image_in_place_of_the_outline(case):
    case.image()
    shutil.copy(case.path("images", ".png"), case.path("outlines", ".png"))


@kind(PICTURE)
def picture_with_the_contour_drawn_in(case):
    drawn = np.stack([np.maximum(case.grey, ring(case.mask)), case.grey, case.grey], axis=-1)
    case.image(), case.outline(drawn)


@kind("an outline that is not inverted")
def inverted_outline(case):
    case.image(), case.outline(~case.mask * np.uint8(255))


@kind("a filled outline")
def closed_contour(case):
    case.image(), case.outline(ring(case.mask))


@kind("a filled outline")
def open_contour(case):
    line = ring(case.mask)
    line[: int(np.nonzero(case.mask)[0].mean())] = 0
    case.image(), case.outline(line)


def two_labels(case):
    half = case.grey.shape[1] // 2
    labels = case.mask.astype(np.uint8)
    labels[:, half:] *= 2
    return labels


@kind("one label in an outline")
def labels_1_and_2(case):
    case.image(), case.outline(two_labels(case))


@kind("one label in an outline")
def labels_in_two_colours(case):
    colours = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0]], dtype=np.uint8)
    case.image(), case.outline(colours[two_labels(case)])


@kind()
def label_2_alone(case):
    case.image(), case.outline(case.mask * np.uint8(2))


@kind()
def outline_with_a_soft_edge(case):
    soft = ndimage.gaussian_filter(case.mask * 255.0, 0.8).round().astype(np.uint8)
    case.image(), case.outline(soft)
    case.mask = soft > soft.max() / 2


@kind()
def outline_as_jpeg(case):
    case.image()
    Image.fromarray(case.mask * np.uint8(255)).save(case.path("outlines", ".jpg"), quality=75)


@kind("an outline that is not empty")
def empty_outline(case):
    case.image(), case.outline(np.zeros_like(case.grey))


@kind("an outline inside the image")
def outline_of_everything(case):
    case.image(), case.outline(np.full_like(case.grey, 255))


@kind("a lesion large enough to measure")
def outline_of_few_pixels(case):
    few = np.zeros_like(case.grey)
    few[10:14, 10:14] = 255
    case.image(), case.outline(few)


@kind("a lesion with more than one grey value")
def outline_on_black(case):
    case.grey[case.mask] = 0
    case.image(), case.outline()


@kind(warned="an outline inside the scanned sector")
def outline_half_outside_the_sector(case):
    case.grey[:, : int(np.nonzero(case.mask)[1].mean())] = 0
    case.image(), case.outline()


@kind("one patient an image")
def image_of_two_patients(case):
    case.image(), case.outline()


@kind("one patient an image")
def image_of_two_patients_encoded_anew(case):
    pixels = np.asarray(Image.open(case.folder / "images" / "image_of_two_patients.png"))
    case.image(pixels.copy(), ".bmp"), case.outline()


@kind(warned="an outline of its own")
def outline_given_twice(case):
    case.image(), case.outline()


@kind(warned="an outline of its own")
def outline_given_twice_again(case):
    case.mask = np.asarray(Image.open(case.folder / "outlines" / "outline_given_twice.png")) > 0
    case.image(), case.outline()


@kind(warned="one diagnosis a patient")
def patient_of_both_classes(case):
    case.image(), case.outline()
    case.row["patient_id"] = "patient of both classes"


@kind(warned="one diagnosis a patient")
def patient_of_both_classes_again(case):
    case.image(), case.outline()
    case.row["patient_id"] = "patient of both classes"
