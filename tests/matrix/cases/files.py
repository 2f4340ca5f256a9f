"""Files that cannot be read, or should not be."""

import os
import socket

import numpy as np
import SimpleITK as sitk
from PIL import Image
from tests.matrix.cases.pictures import png
from tests.matrix.kinds import Register

from spl_kedro.imaging.clips import TELL_THE_FRAME

kind = Register("Files")

UNREADABLE = "readable file"


@kind(UNREADABLE)
def image_of_no_bytes(case):
    """An image of no bytes"""
    case.path("images", ".png").touch(), case.outline()


@kind(UNREADABLE)
def outline_of_no_bytes(case):
    """An outline of no bytes"""
    case.image(), case.path("outlines", ".png").touch()


def truncated(suffix, write):
    def make(case):
        write(case)
        case.cut("images", suffix), case.outline()

    kind(
        UNREADABLE,
        name=f"truncated{suffix.replace('.', '_')}",
        what=f"A file cut off ({suffix})",
    )(make)


for pillow_suffix in (".png", ".jpg", ".tif", ".bmp"):
    truncated(pillow_suffix, lambda case, suffix=pillow_suffix: case.image(suffix=suffix))
for itk_suffix in (".nii", ".nii.gz", ".nrrd"):
    truncated(itk_suffix, lambda case, suffix=itk_suffix: case.grid("images", case.grey, suffix))
truncated(".dcm", lambda case: case.dicom())


@kind(UNREADABLE)
def truncated_outline(case):
    """An outline cut off"""
    case.image(), case.outline(), case.cut("outlines", ".png", 0.7)


@kind()
def jpeg_named_png(case):
    """A JPEG named .png: read as what it is"""
    Image.fromarray(case.grey).save(case.path("images", ".png"), format="JPEG")
    case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".png")), dtype=float)


@kind(UNREADABLE)
def gif_named_png(case):
    """A GIF named .png"""
    Image.fromarray(case.grey).save(case.path("images", ".png"), format="GIF")
    case.outline()


@kind(UNREADABLE)
def text_named_png(case):
    """A text named .png"""
    case.path("images", ".png").write_text("no picture"), case.outline()


@kind(UNREADABLE)
def png_named_dcm(case):
    """A PNG named .dcm"""
    Image.fromarray(case.grey).save(case.path("images", ".dcm"), format="PNG")
    case.outline()


@kind("known file type")
def film(case):
    """A film (.mp4)"""
    case.path("images", ".mp4").write_bytes(b"film"), case.outline()


@kind("an image for each row")
def no_image(case):
    """No image of the lesion"""
    case.outline()


@kind("an outline for each row")
def no_outline(case):
    """No outline of the lesion"""
    case.image()


@kind("one image for each lesion")
def two_images(case):
    """Two images of one name (case.png, case.bmp)"""
    case.image(), case.image(suffix=".bmp"), case.outline()


@kind("a single frame")
def animated_png(case):
    """An animated PNG"""
    other = Image.fromarray(case.grey[::-1])
    case.image(save_all=True, append_images=[other]), case.outline()


@kind("a single frame")
def tiff_of_several_pages(case):
    """A TIFF of several pages"""
    other = Image.fromarray(case.grey[::-1])
    case.image(suffix=".tif", save_all=True, append_images=[other]), case.outline()


@kind("a single frame", remedy=TELL_THE_FRAME)
def dicom_clip(case):
    """A DICOM clip of several frames, and nothing that tells the outlined one"""
    case.dicom(NumberOfFrames=2, PixelData=case.grey.tobytes() * 2), case.outline()


@kind("a single frame")
def nrrd_volume(case):
    """An NRRD volume"""
    image = sitk.GetImageFromArray(np.stack([case.grey] * 3))
    sitk.WriteImage(image, str(case.path("images", ".nrrd")))
    case.outline()


@kind("file present")
def pipe_named_png(case):
    """A pipe named .png: never opened"""
    os.mkfifo(case.path("images", ".png"))
    case.outline()


@kind("file present")
def outline_that_is_a_pipe(case):
    """A pipe in place of the outline"""
    case.image()
    os.mkfifo(case.path("outlines", ".png"))


@kind("file present")
def socket_named_png(case):
    """A socket named .png"""
    # Bound by a relative name: a socket's path may hold about a hundred characters.
    here = os.getcwd()
    os.chdir(case.folder / "images")
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(f"{case.lesion_id}.png")
    finally:
        os.chdir(here)
    case.outline()


@kind("file present")
def link_to_itself(case):
    """A symbolic link to itself"""
    path = case.path("images", ".png")
    path.symlink_to(path.name)
    case.outline()


@kind("an image for each row")
def folder_named_png(case):
    """A folder named .png"""
    case.path("images", ".png").mkdir(), case.outline()


@kind()
def two_readers(case):
    """An outline of a second reader too"""
    case.image(), case.outline(), case.outline(kind="outlines_reader2")


@kind()
def second_readers_outline_of_no_bytes(case):
    """A second reader's outline of no bytes: that outline alone goes"""
    case.image(), case.outline(), case.path("outlines_reader2", ".png").touch()


def of_another_type(suffix, write):
    def make(case):
        write(case.path("images", suffix)), case.outline()

    kind(
        "known file type", name=f"named{suffix.replace('.', '_')}", what=f"An image named {suffix}"
    )(make)


of_another_type(".webp", lambda path: Image.new("L", (8, 8)).save(path))
of_another_type(".gif", lambda path: Image.new("L", (8, 8)).save(path))
of_another_type(".jp2", lambda path: Image.new("L", (8, 8)).save(path))
of_another_type(".heic", lambda path: path.write_bytes(b"\0\0\0\x18ftypheic"))
of_another_type(".pdf", lambda path: path.write_bytes(b"%PDF-1.7"))
of_another_type(".mhd", lambda path: path.write_text("ObjectType = Image"))


@kind(UNREADABLE)
def webp_named_png(case):
    """A WebP image named .png"""
    Image.fromarray(case.grey).save(case.path("images", ".png"), format="WEBP")
    case.outline()


@kind(UNREADABLE)
def web_page_named_png(case):
    """A web page named .png, as a download without login leaves it"""
    case.path("images", ".png").write_text("<html>Your session has expired</html>")
    case.outline()


@kind(UNREADABLE)
def dicom_named_png(case):
    """A DICOM file named .png"""
    case.dicom(), case.path("images", ".dcm").rename(case.path("images", ".png"))
    case.outline()


@kind(UNREADABLE)
def damaged_png(case):
    """A PNG with one damaged byte"""
    case.image(), case.outline()
    data = bytearray(case.path("images", ".png").read_bytes())
    data[len(data) // 2] ^= 255
    case.path("images", ".png").write_bytes(data)


@kind("a plausible image size")
def png_that_unpacks_to_gigabytes(case):
    """A PNG whose header states 60000 x 60000 pixels"""
    case.path("images", ".png").write_bytes(png(60000, 60000, bytes(1000))), case.outline()


@kind("a plausible image size")
def png_of_a_whole_poster(case):
    """A PNG of 121 million pixels"""
    case.path("images", ".png").write_bytes(png(11000, 11000, bytes(1000))), case.outline()


@kind("a plausible image size")
def nrrd_that_states_gigabytes(case):
    """An NRRD whose header states 60000 x 60000 pixels"""
    head = b"NRRD0004\ntype: uchar\ndimension: 2\nsizes: 60000 60000\nencoding: raw\n\n"
    case.path("images", ".nrrd").write_bytes(head + case.grey.tobytes()), case.outline()


@kind("a single frame")
def nifti_of_four_dimensions(case):
    """A NIfTI of four dimensions"""
    frame = sitk.GetImageFromArray(case.grey)
    volume = sitk.JoinSeries([frame, frame])
    sitk.WriteImage(sitk.JoinSeries([volume, volume]), str(case.path("images", ".nii.gz")))
    case.outline()


@kind()
def nifti_of_four_dimensions_and_one_slice(case):
    """A NIfTI of four dimensions that holds one slice"""
    frame = sitk.GetImageFromArray(case.grey)
    frame = sitk.JoinSeries([sitk.JoinSeries([frame])])
    sitk.WriteImage(frame, str(case.path("images", ".nii.gz"))), case.outline()


@kind()
def suffix_in_capitals(case):
    """Suffixes in capitals (.PNG)"""
    Image.fromarray(case.grey).save(case.path("images", ".PNG"))
    Image.fromarray(case.mask).save(case.path("outlines", ".PNG"))


@kind()
def png_without_a_suffix(case):
    """A PNG without suffix"""
    Image.fromarray(case.grey).save(case.path("images", ""), format="PNG"), case.outline()


@kind()
def link_to_the_image(case):
    """A symbolic link to an image elsewhere"""
    elsewhere = case.folder / f"{case.lesion_id}.png"
    Image.fromarray(case.grey).save(elsewhere)
    case.path("images", ".png").symlink_to(elsewhere), case.outline()


@kind("file present")
def link_to_nowhere(case):
    """A symbolic link whose target is gone"""
    case.path("images", ".png").symlink_to("gone.png"), case.outline()


@kind()
def what_systems_leave_behind(case):
    """Files that systems leave behind: Thumbs.db, .DS_Store, ._image.png"""
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", f"._{case.lesion_id}.png"):
        (case.folder / "images" / name).write_bytes(b"left behind")
        (case.folder / "outlines" / name).write_bytes(b"left behind")
    case.image(), case.outline()


@kind()
def notes_beside_the_image(case):
    """A text file of the same name beside the image"""
    case.path("images", ".txt").write_text("B-mode, 5 MHz")
    case.image(), case.outline()


@kind()
def image_in_a_folder_below(case):
    """Image and outline in folders below"""
    for kind_, pixels in (("images", case.grey), ("outlines", case.mask)):
        below = case.folder / kind_ / "2024"
        below.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(below / f"{case.lesion_id}.png")


@kind("one image for each lesion")
def image_in_two_folders_below(case):
    """One name in two folders below"""
    for name in ("first", "second"):
        (case.folder / "images" / name).mkdir(exist_ok=True)
        Image.fromarray(case.grey).save(case.folder / "images" / name / f"{case.lesion_id}.png")
    case.outline()
