"""The rules a lesion must keep to be used, each with what to do about one that breaks it."""

from __future__ import annotations

from enum import StrEnum

#: Columns of the table of what was found (``schemas.Findings``).
FINDING_COLUMNS = ["lesion_id", "stage", "rule", "action", "message", "remedy"]


class ActionTaken(StrEnum):
    """What was done about a finding; the commonest questions first."""

    #: The case is in no cohort and no model sees it.
    QUARANTINED = "quarantined"
    #: A part goes (a second reader's outline, a column, a repeated row); the case stays.
    LEFT_OUT = "left out"
    #: Marks in the image were filled in from beside them.
    INPAINTED = "inpainted"
    #: Read in the one way that gives the right values, and used.
    REPAIRED = "repaired"
    #: Cases that belong together were put into one patient.
    GROUPED = "grouped"
    #: Nothing was done; it is to be looked at.
    FLAGGED = "flagged"


class Rule(StrEnum):
    """What must hold of a lesion: of its row in the table, its files, its outline, its features.

    The value is what the findings table says, its words what must hold. Docs/inputs.md lists
    all, generated from here.

    Attributes
    ----------
    remedy : str
        What the user can do about a case that breaks it, where nothing closer is known.
    """

    remedy: str

    def __new__(cls, text: str, remedy: str) -> Rule:
        """Make a member that is its text and carries its remedy."""
        rule = str.__new__(cls, text)
        rule._value_ = text
        rule.remedy = remedy
        return rule

    # The row in the cohort's table.
    LESION_ID = "a lesion identifier", "Fill the column of the lesions' identifiers."
    ONE_ROW = "one row a lesion", "Give each lesion its own identifier."
    PATIENT_ID = "a patient identifier", "Fill the column of the patients' identifiers."
    IN_FULL = (
        "an identifier written in full",
        "Format the column as text in its source, and export the table again.",
    )
    SITE = "a site", "Fill the column of the sites."
    DIAGNOSIS = (
        "benign or malignant by the reference standard",
        "Complete the diagnosis, or add the word to data_processing.labels.",
    )
    EXCEL_ERROR = (
        "a cell without an error of Excel",
        "Correct the formula or clear the cell, or add the word to data_processing.missing_words.",
    )
    NUMBER = (
        "a number where one is expected",
        "Correct the value, clear it, or add the word to data_processing.missing_words.",
    )
    ONE_MEANING = (
        "a number with one meaning",
        "Write numbers without grouping, with one decimal mark in the whole column.",
    )
    RANGE = "a value within its variable's range", "Correct the value or clear it."
    CATEGORY = (
        "a known category",
        "Add the word to the variable's mapping in data_processing.clinical, or to "
        "data_processing.missing_words.",
    )
    NAMEABLE = (
        "an identifier that can name a file",
        "Rename the lesion in the table, and its files with it.",
    )
    DISTINCT = (
        "identifiers that differ in more than case",
        "Rename one of them in the table, and its files with it.",
    )

    # Its files.
    IMAGE = (
        "an image for each row",
        "Put the image in the folder or correct its name in the table.",
    )
    ONE_IMAGE = "one image for each lesion", "Name the outlined image in the table."
    OUTLINE = (
        "an outline for each row",
        "Outline the lesion, or correct the file's name in the table.",
    )
    OWN_OUTLINE = "an outline of one lesion", "Give each lesion an outline file of its own."
    NAMED_FILES = (
        "the files the table names",
        "Put the file in the folder or correct its name in the table.",
    )
    OWN_IMAGE = (
        "one patient an image",
        "Find out whose image it is; it could stand in two cohorts at once.",
    )
    ONE_DIAGNOSIS = (
        "one diagnosis an image",
        "Find out which diagnosis is the image's, and keep its row alone.",
    )
    COUNTED_ONCE = (
        "a lesion counted once",
        "Keep one of the rows; if they are of two lesions, outline each.",
    )
    ONE_COHORT = (
        "a patient in one cohort",
        "Find out whose image it is; if both are one patient, give one identifier.",
    )
    PRESENT = "file present", "Put the file in place."
    FILE_TYPE = "known file type", "Export it as PNG, JPEG, TIFF, BMP, DICOM, NIfTI or NRRD."
    READABLE = "readable file", "Export the file again; compare its size with the original."
    DECODED = (
        "a file that is decoded within the limits",
        "Export the image again, as PNG; raise data_processing.decoding if the file is sound.",
    )
    UNCHANGED = (
        "a file that stays as it was checked",
        "Leave the files in place while the study reads them, and run it again.",
    )

    # Its image.
    SINGLE_FRAME = "a single frame", "Export the one frame that was outlined."
    FRAME = (
        "a frame that the file has",
        "Correct the number of the frame; frames are counted from 1, as DICOM counts them.",
    )
    IMAGE_SIZE = "a plausible image size", "Export the B-mode frame at its native size."
    TWO_DIMENSIONAL = (
        "one two-dimensional frame",
        "Export a single B-mode frame (grey, RGB or RGBA).",
    )
    REAL_GREY = "real grey values", "Export the image with 8 or 16 bits."
    FINITE_GREY = "finite grey values", "Export the image again."
    GREY_RANGE = (
        "a known grey range",
        "State the values that are black and white in data_processing.grey.range, such as "
        "[0, 4095] for 12 bits or [0, 1], or export the image with 8 bits.",
    )
    GREY_USED = (
        "an image that uses its grey range",
        "Export the image with its full contrast, or lower data_processing.grey.minimum_share.",
    )
    PIXEL_SIZE = "a positive pixel size", "Correct the pixel size, or clear the cell."

    # Its outline.
    NO_PICTURE = (
        "an outline, not a picture",
        "Put the outline in place of the picture: black, with the lesion filled in white.",
    )
    ONE_LABEL = (
        "one label in an outline",
        "Keep the lesion's label alone, or give each label a file of its own.",
    )
    DRAWN_ON = (
        "an outline of this very image",
        "Outline the image that is in the study, or put the outlined one in its place.",
    )
    PLACED = (
        "an image with places in the patient",
        "Export the outline as PNG mask, LabelMe JSON or DICOM SEG of the frame; contours in "
        "millimetres of the patient need an image with position, orientation and pixel size.",
    )
    ONE_OUTLINE_SIZE = "outlines of one size", "Draw all outlines on the same exported image."
    SAME_SIZE = (
        "outline and image of one size",
        "Draw the outline on the exported image itself.",
    )
    SAME_PLANE = (
        "outline and image in one plane",
        "Draw the outline on the exported image itself.",
    )
    SAME_ORIENTATION = (
        "outline and image of one orientation",
        "Save outline and image with the same header.",
    )
    INSIDE = (
        "an outline inside the image",
        "Draw the outline on the exported image itself, or save both with the same header.",
    )
    NOT_EMPTY = "an outline that is not empty", "Draw the lesion."
    LARGE_ENOUGH = (
        "a lesion large enough to measure",
        "Check the outline, or lower data_processing.quality.minimum_lesion_pixels.",
    )
    NOT_INVERTED = (
        "an outline that is not inverted",
        "Invert the outline: the lesion white, everything else black.",
    )
    FILLED = (
        "a filled outline",
        "Fill the contour, so that every pixel of the lesion is white.",
    )
    GREY_VALUES = (
        "a lesion with more than one grey value",
        "Check that outline and image belong together.",
    )
    BOTH_DIRECTIONS = (
        "an outline in both directions",
        "Outline the lesion at least two pixels high and two wide.",
    )

    # The quality of its image.
    NO_TEXT = (
        "an image without burned-in text",
        "Export the image without annotation, or set data_processing.quality.action: inpaint.",
    )
    NO_CALLIPERS = (
        "a lesion without callipers",
        "Export the image without measurements, or set data_processing.quality.action: inpaint.",
    )
    NO_DOTTED_LINE = (
        "a lesion without dotted lines",
        "Export the image without measurements, or set data_processing.quality.action: inpaint.",
    )
    NOT_PAINTED_OVER = (
        "a lesion whose marks were not painted over",
        "Export the image again without measurements: the retouched places still show them.",
    )
    NO_COLOUR = "an image in grey", "Export the frame in B mode alone, without colour Doppler."
    NO_BODY_MARK = (
        "a lesion without a body mark beside it",
        "Export the image without body mark, or cut it off.",
    )
    NO_SCALE = (
        "a lesion without a scale beside it",
        "Export the image without scales, or cut them off.",
    )
    ONE_VIEW = "one view in an image", "Cut out the view in which the lesion was outlined."
    WHOLE_LESION = (
        "a lesion that is wholly in view",
        "Choose a frame that shows the whole lesion; check the outline.",
    )
    NOT_SATURATED = (
        "a lesion that is not overexposed",
        "Choose a frame with less gain; its white areas hold no texture.",
    )
    GREY_LEVELS = (
        "an image with enough grey values",
        "Export the image with 256 grey values, not through a palette or a screenshot.",
    )
    NO_BLOCKS = (
        "an image without blocks of JPEG",
        "Export the image as PNG or DICOM, or as JPEG of high quality.",
    )
    NATIVE_SIZE = (
        "an image at its native size",
        "Export the image as it was stored, and not enlarged.",
    )

    # Its features.
    SPACING_KNOWN = (
        "a known pixel size where images are resampled",
        "Give the spacing in the cohort table or set resample_mm: null.",
    )
    ALL_FEATURES = (
        "all features of the preset",
        "The image is too small for a filter: use a larger image or another preset.",
    )
    FINITE_FEATURES = (
        "finite features",
        "The outline is too small or too sparse for texture: outline a connected region.",
    )
    MEASURABLE = "a lesion that the extraction accepts", "Check the outline and the settings."
    PROCESS_SURVIVES = (
        "a lesion whose extraction ends",
        "Often memory: look at the size of the image, or give the workers more.",
    )
    NO_DEFECT = (
        "an extraction without an error of the program",
        "Please report it with the image; extraction goes on without it.",
    )

    # The rings around its outline.
    RING_IN_VIEW = (
        "a ring of which enough is in view",
        "Choose a frame that shows what surrounds the lesion, or lower rings.min_in_view or "
        "rings.min_pixels.",
    )
    RING_PIXEL_SIZE = (
        "a known pixel size where rings are in millimetres",
        "State the pixel size in the cohort's table, or give the rings another unit: rings.unit.",
    )

    # Its habitats.
    HABITAT_PIXELS = (
        "pixels enough for habitats",
        "Outline the lesion in full, or lower habitats.min_pixels or habitats.kernel_radius.",
    )

    # Its readings in a reader study.
    KNOWN_LESION = (
        "a lesion of the cohort",
        "Write the identifier as in the cohort, or name the column of the diagnosis in "
        "readers.columns.label.",
    )
    READING = (
        "a reader and a modality in each row",
        "Fill both columns, the modality with a word of readers.modalities.",
    )
    ONE_SCORE = (
        "one score by each reader with each modality",
        "Keep one of the rows.",
    )
    EVERY_SCORE = (
        "a score by every reader with every modality",
        "Complete the readings; lesions that not all have read cannot be compared.",
    )

    # Its outcome in a study beside the label.
    KNOWN_CLASS = (
        "a word that names a class",
        "Complete the cell, or add the word to a class of multiclass.classes.",
    )
    FOLLOWED_UP = (
        "a time of follow-up above 0",
        "Correct the time or complete it; a patient who was never seen again has no follow-up.",
    )
    KNOWN_EVENT = (
        "an event, or a word that it had not happened",
        "Complete the cell, or add the word to survival.words.",
    )
    ONE_FOLLOW_UP = (
        "one follow-up a patient",
        "Give all rows of the patient the time and event of the patient.",
    )


# The extraction of radiomics stands alone and has short names of its own.
_OF_THE_EXTRACTION = {
    "lesion_readable": Rule.READABLE,
    "image_is_grey": Rule.TWO_DIMENSIONAL,
    "image_is_finite": Rule.FINITE_GREY,
    "image_not_black": Rule.GREY_USED,
    "grey_levels_8bit": Rule.GREY_RANGE,
    "outline_fits_image": Rule.SAME_SIZE,
    "outline_is_binary": Rule.ONE_LABEL,
    "outline_not_empty": Rule.NOT_EMPTY,
    "outline_two_dimensional": Rule.BOTH_DIRECTIONS,
    "spacing_known": Rule.SPACING_KNOWN,
    "all_features_present": Rule.ALL_FEATURES,
    "features_finite": Rule.FINITE_FEATURES,
    "derived_images_finite": Rule.MEASURABLE,
    "pyradiomics_accepts": Rule.MEASURABLE,
    "worker_survives": Rule.PROCESS_SURVIVES,
    "extraction_succeeds": Rule.NO_DEFECT,
}


def rule_of_extraction(name: str) -> Rule:
    """Return the rule that the extraction of radiomics calls `name`.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    return _OF_THE_EXTRACTION[name]


def rules_table() -> str:
    """Return all rules with their remedies as a table in Markdown, for docs/inputs.md."""
    rows = [f"| {rule} | {rule.remedy} |" for rule in Rule]
    return "\n".join(["| rule | remedy |", "| --- | --- |", *rows])
