"""Outlines that can be read and cannot be right, and cases that show only beside others."""

import shutil

import numpy as np
from PIL import Image
from scipy import ndimage
from tests.matrix.kinds import Register

kind = Register("Outlines")

PICTURE = "an outline, not a picture"
COPY = "an outline of its own"
COPIED = "Check that each lesion has its own outline and not a copy of another's."
BOTH = "one diagnosis a patient"
CHECK = "Check the diagnoses and the patient identifiers; both may be right."
PIECES = "an outline in one piece"
APART = "Give each lesion a row and an outline of its own, or remove stray pixels."


def ring(mask, width=2):
    return (mask & ~ndimage.binary_erosion(mask, iterations=width)) * np.uint8(255)


@kind(PICTURE)
def image_in_place_of_the_outline(case):
    """The image in place of the outline"""
    case.image()
    shutil.copy(case.path("images", ".png"), case.path("outlines", ".png"))


@kind(PICTURE)
def picture_with_the_contour_drawn_in(case):
    """The picture with the contour drawn in"""
    drawn = np.stack([np.maximum(case.grey, ring(case.mask)), case.grey, case.grey], axis=-1)
    case.image(), case.outline(drawn)


@kind("an outline that is not inverted")
def inverted_outline(case):
    """An outline that is inverted: the lesion black"""
    case.image(), case.outline(~case.mask * np.uint8(255))


@kind("a filled outline")
def closed_contour(case):
    """The contour as a closed line"""
    case.image(), case.outline(ring(case.mask))


@kind("a filled outline")
def open_contour(case):
    """The contour as an open line"""
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
    """Two labels, 1 and 2"""
    case.image(), case.outline(two_labels(case))


@kind("one label in an outline")
def labels_in_two_colours(case):
    """Two labels in two colours"""
    colours = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0]], dtype=np.uint8)
    case.image(), case.outline(colours[two_labels(case)])


@kind()
def label_2_alone(case):
    """One label, 2"""
    case.image(), case.outline(case.mask * np.uint8(2))


@kind()
def outline_with_a_soft_edge(case):
    """A soft edge (anti-aliased)"""
    soft = ndimage.gaussian_filter(case.mask * 255.0, 0.8).round().astype(np.uint8)
    case.image(), case.outline(soft)
    case.mask = soft > soft.max() / 2


@kind()
def outline_as_jpeg(case):
    """An outline as JPEG, with fringes"""
    case.image()
    Image.fromarray(case.mask * np.uint8(255)).save(case.path("outlines", ".jpg"), quality=75)


@kind("an outline that is not empty")
def empty_outline(case):
    """An empty outline"""
    case.image(), case.outline(np.zeros_like(case.grey))


@kind(
    "an outline inside the image",
    remedy="Check that the file is the outline and not the image.",
)
def outline_of_everything(case):
    """An outline of the whole image"""
    case.image(), case.outline(np.full_like(case.grey, 255))


@kind("a lesion large enough to measure")
def outline_of_few_pixels(case):
    """An outline of a few pixels"""
    few = np.zeros_like(case.grey)
    few[10:14, 10:14] = 255
    case.image(), case.outline(few)


@kind("a lesion with more than one grey value")
def outline_on_black(case):
    """An outline on black"""
    case.grey[case.mask] = 0
    case.image(), case.outline()


@kind.warned(
    "an outline inside the scanned sector", "Check that outline and image belong together."
)
def outline_half_outside_the_sector(case):
    """An outline half outside the scanned sector"""
    case.grey[:, : int(np.nonzero(case.mask)[1].mean())] = 0
    case.image(), case.outline()


@kind.warned(COPY, COPIED)
def outline_given_twice(case):
    """One outline drawn for two lesions, to the pixel"""
    case.image(), case.outline()


@kind.warned(COPY, COPIED)
def outline_given_twice_again(case):
    """The other of the two"""
    case.mask = np.asarray(Image.open(case.folder / "outlines" / "outline_given_twice.png")) > 0
    case.image(), case.outline()


@kind.warned(BOTH, CHECK)
def patient_of_both_classes(case):
    """A patient with a benign and a malignant lesion"""
    case.image(), case.outline()
    case.row["patient_id"] = "patient of both classes"


@kind.warned(BOTH, CHECK)
def patient_of_both_classes_again(case):
    """The other lesion of this patient"""
    case.image(), case.outline()
    case.row["patient_id"] = "patient of both classes"


@kind()
def outline_of_0_and_1(case):
    """An outline of 0 and 1, black to the eye"""
    case.image(), case.outline(case.mask.astype(np.uint8))


@kind()
def outline_of_16_bits(case):
    """An outline of 0 and 65535"""
    case.image(), case.outline(case.mask * np.uint16(65535))


@kind()
def outline_of_one_bit(case):
    """An outline of one bit a pixel"""
    case.image(), case.outline(case.mask)


@kind()
def outline_with_a_palette(case):
    """An outline of label numbers with a palette of colours, as annotation programs write it"""
    labels = Image.fromarray(case.mask.astype(np.uint8))
    labels.putpalette([0, 0, 0, 128, 0, 0] + [0] * 762)
    case.image(), labels.save(case.path("outlines", ".png"))


@kind()
def outline_in_one_colour(case):
    """The lesion filled in red on black"""
    case.image(), case.outline(case.mask[..., None] * np.array([255, 0, 0], np.uint8))


@kind()
def outline_in_the_alpha_channel(case):
    """White everywhere, the lesion opaque and the rest transparent"""
    pixels = np.full((*case.mask.shape, 4), 255, np.uint8)
    pixels[..., 3] = case.mask * np.uint8(255)
    case.image(), case.outline(pixels)


@kind("one label in an outline")
def outline_in_colour_on_white(case):
    """The lesion filled in red on white"""
    pixels = np.full((*case.mask.shape, 3), 255, np.uint8)
    pixels[case.mask] = 255, 0, 0
    case.image(), case.outline(pixels)


@kind("outline and image of one size")
def transposed_outline(case):
    """Rows and columns of the outline exchanged"""
    case.image(), case.outline(case.mask.T * np.uint8(255))


@kind("outline and image of one size")
def outline_of_another_size(case):
    """The outline drawn on an enlarged copy"""
    twice = np.kron(case.mask, np.ones((2, 2), bool))
    case.image(), case.outline(twice * np.uint8(255))


@kind("outlines of one size")
def two_outlines_of_different_size(case):
    """Two outlines of one lesion, of different sizes"""
    case.image()
    case.outline(suffix="_1.png")
    case.outline(case.mask[:-2] * np.uint8(255), "_2.png")


@kind.warned(PIECES, APART)
def two_lesions_in_one_outline(case):
    """Two separate areas in one outline"""
    case.mask[:, int(np.nonzero(case.mask)[1].mean())] = False
    case.image(), case.outline()


@kind.warned(PIECES, APART)
def outline_with_stray_pixels(case):
    """A few stray pixels beside the lesion"""
    case.mask[1:3, 1:3] = True
    case.image(), case.outline()


@kind("an outline in both directions")
def outline_one_pixel_high(case):
    """An outline one pixel high"""
    case.mask[:] = False
    case.mask[20, 10:120] = True
    case.image(), case.outline()


@kind("readable file")
def text_in_place_of_the_outline(case):
    """A text file named as the outline"""
    case.image(), case.path("outlines", ".png").write_text("no outline")


@kind(
    "readable file",
    what="The outline as a list of points (JSON) that no program writes",
    remedy="Save the outline in LabelMe again.",
)
def outline_as_json(case):
    case.image(), case.path("outlines", ".json").write_text('{"points": []}')
