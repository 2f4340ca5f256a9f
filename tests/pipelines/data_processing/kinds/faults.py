"""Files that cannot be read, or should not be."""

import os
import socket

import numpy as np
import SimpleITK as sitk
from PIL import Image
from tests.pipelines.data_processing.kinds.hospital import kind

UNREADABLE = "readable file"


@kind(UNREADABLE)
def image_of_no_bytes(case):
    case.path("images", ".png").touch(), case.outline()


@kind(UNREADABLE)
def outline_of_no_bytes(case):
    case.image(), case.path("outlines", ".png").touch()


def truncated(suffix, write):
    def make(case):
        write(case)
        case.cut("images", suffix), case.outline()

    kind(UNREADABLE, name=f"truncated{suffix.replace('.', '_')}")(make)


for pillow_suffix in (".png", ".jpg", ".tif", ".bmp"):
    truncated(pillow_suffix, lambda case, suffix=pillow_suffix: case.image(suffix=suffix))
for itk_suffix in (".nii", ".nii.gz", ".nrrd"):
    truncated(itk_suffix, lambda case, suffix=itk_suffix: case.grid("images", case.grey, suffix))
truncated(".dcm", lambda case: case.dicom())


@kind(UNREADABLE)
def truncated_outline(case):
    case.image(), case.outline(), case.cut("outlines", ".png", 0.7)


@kind()
def jpeg_named_png(case):
    Image.fromarray(case.grey).save(case.path("images", ".png"), format="JPEG")
    case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".png")), dtype=float)


@kind(UNREADABLE)
def gif_named_png(case):
    Image.fromarray(case.grey).save(case.path("images", ".png"), format="GIF")
    case.outline()


@kind(UNREADABLE)
def text_named_png(case):
    case.path("images", ".png").write_text("no picture"), case.outline()


@kind(UNREADABLE)
def png_named_dcm(case):
    Image.fromarray(case.grey).save(case.path("images", ".dcm"), format="PNG")
    case.outline()


@kind("an image for each row")
def film(case):
    case.path("images", ".mp4").write_bytes(b"film"), case.outline()


@kind("an image for each row")
def no_image(case):
    case.outline()


@kind("an outline for each row")
def no_outline(case):
    case.image()


@kind("one image for each lesion")
def two_images(case):
    case.image(), case.image(suffix=".bmp"), case.outline()


@kind("a single frame")
def animated_png(case):
    other = Image.fromarray(case.grey[::-1])
    case.image(save_all=True, append_images=[other]), case.outline()


@kind("a single frame")
def tiff_of_several_pages(case):
    other = Image.fromarray(case.grey[::-1])
    case.image(suffix=".tif", save_all=True, append_images=[other]), case.outline()


@kind("a single frame")
def dicom_clip(case):
    case.dicom(NumberOfFrames=2, PixelData=case.grey.tobytes() * 2), case.outline()


@kind("a single frame")
def nrrd_volume(case):
    image = sitk.GetImageFromArray(np.stack([case.grey] * 3))
    sitk.WriteImage(image, str(case.path("images", ".nrrd")))
    case.outline()


@kind("file present")
def pipe_named_png(case):
    os.mkfifo(case.path("images", ".png"))
    case.outline()


@kind("file present")
def outline_that_is_a_pipe(case):
    case.image()
    os.mkfifo(case.path("outlines", ".png"))


@kind("file present")
def socket_named_png(case):
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
    path = case.path("images", ".png")
    path.symlink_to(path.name)
    case.outline()


@kind("an image for each row")
def folder_named_png(case):
    case.path("images", ".png").mkdir(), case.outline()


@kind()
def two_readers(case):
    case.image(), case.outline(), case.outline(kind="outlines_reader2")


@kind()
def second_readers_outline_of_no_bytes(case):
    case.image(), case.outline(), case.path("outlines_reader2", ".png").touch()
