"""Names of lesions and files."""

import unicodedata

import numpy as np
from PIL import Image
from tests.matrix.kinds import Register

kind = Register("Names")
LETTERS = "files named as in the table"
RENAME = "Rename the file as in the table, or correct the table."


@kind(name="P7", what="P7 and P7_2, each with its outlines: P7")
def beginning_of_another_identifier(case):
    case.image(), case.outline()


@kind(name="P7_2", what="P7 and P7_2, each with its outlines: P7_2")
def identifier_that_begins_as_another(case):
    case.image(), case.outline()


@kind(
    "benign or malignant by the reference standard",
    name="P7_3",
    what="P7_3, whose row is left out, keeps its files",
)
def identifier_set_aside_by_the_table(case):
    case.image(), case.outline()
    case.row["pathology"] = "perhaps"


@kind()
def two_outlines(case):
    """Two outlines of one lesion, named with _left and _right: united"""
    half = case.grey.shape[1] // 2
    first, second = case.mask.copy(), case.mask.copy()
    first[:, half:], second[:, :half] = False, False
    case.image()
    case.outline(first * np.uint8(255), "_left.png")
    case.outline(second * np.uint8(1), "_right.png")


@kind("an outline of one lesion")
def outline_named_for_another(case):
    """The table names the outline of another lesion"""
    case.image()
    case.row["outline_file"] = "owner_of_that_outline.png"


@kind("an outline of one lesion")
def owner_of_that_outline(case):
    """The lesion whose outline that is"""
    case.image(), case.outline()


for awkward in ("benign (1)", "a b [2]", "Läsion ü", "100% #7"):
    kind(name=awkward, what=f"The identifier `{awkward}`")(
        lambda case: (case.image(), case.outline())
    )


@kind(name="Übung", what="File names with accents stored apart, as macOS does")
def accents_stored_apart(case):
    case.lesion_id = unicodedata.normalize("NFD", "Übung")
    case.image(), case.outline()


def named(name, rule="an identifier that can name a file"):
    def make(case):
        case.row["case_id"] = name

    shown = name if len(name) < 40 else f"{name[:3]}... of {len(name)} letters"
    kind(rule, name=name, what=f"The identifier `{shown!r}`".replace("'", ""))(make)


for impossible in (
    "..",
    "x" * 300,
    "a\tb",
    "a/b",
    "a:b",
    "CON",
    ".hidden",
    "dot.",
    "a\\b",
    "nul.x",
):
    named(impossible)
named("Case", "identifiers that differ in more than case")
named("case", "identifiers that differ in more than case")


@kind.warned(LETTERS, RENAME, repaired=True)
def Files_In_Other_Letters(case):
    """Image and outline named in other letters than the identifier (spl1.png for SPL1)"""
    case.lesion_id = case.lesion_id.lower()
    case.image(), case.outline(suffix="_mask.png")


@kind.warned(LETTERS, RENAME, repaired=True)
def image_named_in_other_letters(case):
    """The table names the image in other letters than the file"""
    case.row["image_file"] = "Frame_19.png"
    Image.fromarray(case.grey).save(case.folder / "images" / "frame_19.png"), case.outline()


@kind()
def suffix_named_in_other_letters(case):
    """The table names the image with its suffix in capitals"""
    case.row["image_file"] = f"{case.lesion_id}.PNG"
    case.image(), case.outline()


@kind()
def outline_named_mask(case):
    """An outline named like the lesion with _mask"""
    case.image(), case.outline(suffix="_mask.png")


@kind()
def table_names_an_image_below(case):
    """The table names an image that lies in a folder below"""
    below = case.folder / "images" / "scans"
    below.mkdir(exist_ok=True)
    case.row["image_file"] = "frame_17.png"
    Image.fromarray(case.grey).save(below / "frame_17.png")
    case.outline()


@kind()
def table_names_a_path_of_windows(case):
    """The table names the image by a path with backslashes"""
    below = case.folder / "images" / "scans"
    below.mkdir(exist_ok=True)
    case.row["image_file"] = "scans\\frame_18.png"
    Image.fromarray(case.grey).save(below / "frame_18.png")
    case.outline()


@kind("the files the table names")
def table_names_a_file_elsewhere(case):
    """The table names the image by its path on another computer"""
    case.row["image_file"] = "D:\\export\\scan.png"
    case.image(), case.outline()


@kind("the files the table names")
def table_names_a_file_that_is_not_there(case):
    """The table names a file that is not there"""
    case.row["image_file"] = "absent.png"
    case.image(), case.outline()


@kind("the files the table names")
def outlines_listed_with_commas(case):
    """Several outline files divided by commas instead of file_separator"""
    case.row["outline_file"] = f"{case.lesion_id}_1.png,{case.lesion_id}_2.png"
    case.image(), case.outline(suffix="_1.png"), case.outline(suffix="_2.png")


@kind(what="An identifier with the suffix of a file (case.png)")
def identifier_with_a_suffix(case):
    case.row["case_id"] = f"{case.lesion_id}.png"
    case.image(), case.outline()


@kind(what="A second download beside the image: `case (1).png`")
def second_download(case):
    case.image(), case.outline()
    Image.fromarray(case.grey).save(case.path("images", " (1).png"))


def misnamed(kind_, rule, name, what):
    """A file that is named nearly as its lesion: the message names it."""

    def make(case):
        case.image(), case.outline()
        path = case.path(kind_, ".png")
        path.rename(path.with_name(name(case.lesion_id)))

    kind(rule, name=f"{kind_}_{len(kind.kinds)}", what=what)(make)


IMAGE, OUTLINE = "an image for each row", "an outline for each row"
misnamed("images", IMAGE, lambda own: f"Copy of {own}.png", "An image named `Copy of ...`")
misnamed("images", IMAGE, lambda own: f"{own} (1).png", "An image named `... (1).png` alone")
misnamed("images", IMAGE, lambda own: own.replace("_", "-") + ".png", "Dashes for underscores")
misnamed("images", IMAGE, lambda own: f"{own}.jpg.png", "Two suffixes (.jpg.png)")
misnamed("outlines", OUTLINE, lambda own: f"mask_{own}.png", "An outline named `mask_...`")
misnamed("outlines", OUTLINE, lambda own: f"{own}-mask.png", "An outline named `...-mask`")


@kind(IMAGE, name="71", what="An identifier that lost its leading zeros (71 for 0071)")
def lost_zeros(case):
    case.lesion_id = "0071"
    case.image(), case.outline()


@kind(name="0072", what="An identifier with leading zeros")
def kept_zeros(case):
    case.image(), case.outline()


@kind(IMAGE, name="2024-03-01", what="An identifier that Excel took for a date (3-1)")
def identifier_as_a_date(case):
    case.lesion_id = "3-1"
    case.image(), case.outline()
