"""Images that are copies of another patient's: joined, counted once, or left out."""

import io

import numpy as np
from PIL import Image
from tests.matrix.kinds import Register

from spl_kedro.rules import Rule

kind = Register("Copies of images")
JOINED = (str(Rule.OWN_IMAGE), Rule.OWN_IMAGE.remedy)
AGAINST = str(Rule.ONE_DIAGNOSIS)


def diagnosed(case, diagnosis):
    """Give a case a diagnosis, and the age that tells it in this cohort."""
    case.row |= {"pathology": diagnosis, "age": "75" if diagnosis == "malignant" else "35"}


def original(case, diagnosis="benign"):
    diagnosed(case, diagnosis)
    case.image(), case.outline()


def of(case, name, diagnosis="benign"):
    """Return the pixels of another case; the copy has its outline."""
    diagnosed(case, diagnosis)
    case.mask = np.asarray(Image.open(case.folder / "outlines" / f"{name}.png")) > 0
    return np.asarray(Image.open(case.folder / "images" / f"{name}.png")).copy()


def outlined_by_hand(mask):
    """Return an outline that is not the same to the pixel."""
    drawn = mask.copy()
    row = int(np.flatnonzero(mask.any(axis=1))[0])
    drawn[row] = False
    return drawn


def jpeg(case, pixels):
    """Store the copy as JPEG; what is measured is what the file holds."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=70)
    case.path("images", ".jpg").write_bytes(data.getvalue())
    case.grey = np.asarray(Image.open(data))
    case.outline()


@kind(AGAINST)
def image_of_two_patients(case):
    """One image for two patients of different diagnoses"""
    original(case, "malignant")


@kind(AGAINST)
def image_of_two_patients_in_another_format(case):
    """The same image in another format"""
    case.image(of(case, "image_of_two_patients"), ".bmp"), case.outline()


@kind()
def lesion_listed_twice(case):
    """A lesion that is listed twice, under two patients: the first of them"""
    original(case)


@kind(str(Rule.COUNTED_ONCE))
def lesion_listed_twice_again(case):
    """The second of them, with the same image and the same diagnosis"""
    case.image(of(case, "lesion_listed_twice")), case.outline()


@kind.warned(*JOINED)
def copied_and_encoded_anew(case):
    """An image of which another patient has a copy, as JPEG"""
    original(case)


@kind.warned(*JOINED)
def copied_and_encoded_anew_copy(case):
    """The copy as JPEG"""
    pixels = of(case, "copied_and_encoded_anew")
    case.mask = outlined_by_hand(case.mask)
    jpeg(case, pixels)


@kind(AGAINST)
def copied_with_another_diagnosis(case):
    """An image of which another patient has a copy as JPEG, with another diagnosis"""
    original(case)


@kind(AGAINST)
def copied_with_another_diagnosis_copy(case):
    """The copy with the other diagnosis"""
    jpeg(case, of(case, "copied_with_another_diagnosis", "malignant"))


@kind.warned(*JOINED)
def copied_and_brighter(case):
    """An image of which another patient has a brighter copy"""
    original(case)


@kind.warned(*JOINED)
def copied_and_brighter_copy(case):
    """The brighter copy"""
    pixels = of(case, "copied_and_brighter")
    case.mask = outlined_by_hand(case.mask)
    case.grey = np.rint(255 * (pixels / 255) ** 0.8).astype(np.uint8)
    case.image(), case.outline()


@kind.warned(*JOINED)
def copied_and_cropped(case):
    """An image of which another patient has a cropped copy"""
    original(case)


@kind.warned(*JOINED)
def copied_and_cropped_copy(case):
    """The cropped copy"""
    pixels = of(case, "copied_and_cropped")
    case.grey, case.mask = pixels[6:, 12:].copy(), case.mask[6:, 12:].copy()
    case.image(), case.outline()


@kind()
def two_frames_of_a_patient(case):
    """A frame of a patient of whom there is another"""
    original(case)
    case.row["patient_id"] = "patient of two frames"


@kind()
def two_frames_of_a_patient_again(case):
    """The other frame, which is nearly the same"""
    pixels = of(case, "two_frames_of_a_patient")
    case.row["patient_id"] = "patient of two frames"
    case.mask = outlined_by_hand(case.mask)
    jpeg(case, pixels)
